{"consumer": {"name": "checkout"},
