import ArgumentParser

/// `proxy-tool key`
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Client keys.", subcommands: [NewKeyCommand.self])
}
