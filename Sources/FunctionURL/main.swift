print("function-url")
