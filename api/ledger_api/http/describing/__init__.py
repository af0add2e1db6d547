"""What the OpenAPI document says beside the routes: how one shows who one is, examples, and links between answers."""
