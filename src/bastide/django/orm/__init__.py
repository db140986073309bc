"""The models' side: sealed fields, fields that hold their rules, conditions and sorts on querysets."""
