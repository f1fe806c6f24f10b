"""What tests share: the store in one process, builders and the permission witness."""
