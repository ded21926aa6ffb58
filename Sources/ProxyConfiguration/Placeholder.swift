enum ProxyConfigurationPlaceholder {}
