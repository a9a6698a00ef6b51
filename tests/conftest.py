pytest_plugins = ["tests.databases", "tests.product"]
