"""The workspace's views: read the request, call one verb or one query, render."""
