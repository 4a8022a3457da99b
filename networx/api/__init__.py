"""The web application: the JSON API under /api, the pages, and the live event streams; it solves nothing itself."""
