"""What answers look like, for the published document, one module a resource. Tests hold the views to them."""
