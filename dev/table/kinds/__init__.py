"""What kind of organisation holds a range: readings, a model, and the rule that weighs them."""
