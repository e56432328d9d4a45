"""What people read: lists, search, one ticket's story. All of it through `visible_to`."""
