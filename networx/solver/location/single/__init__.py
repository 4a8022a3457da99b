"""Location where one site serves all of a customer's demand, and capacities bind."""
