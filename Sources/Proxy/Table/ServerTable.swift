/// What `openai_servers.yaml` says.
package struct ServerTable: Sendable, Equatable {
    /// In the order of the file.
    package var servers: [Server]
    package var settings: Settings

    package init(servers: [Server], settings: Settings = Settings()) {
        self.servers = servers
        self.settings = settings
    }
}
