"""A request in the hands of its view: who asks, the rule of its route, its files, its answer's stream."""
