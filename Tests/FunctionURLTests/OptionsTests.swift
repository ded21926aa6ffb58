import ArgumentParser
import Testing

@testable import FunctionURL

@Suite struct OptionsTests {
    @Test func `The defaults are the documented ones`() throws {
        let command = try FunctionURLCommand.parse([])
        #expect(command.port == 9000)
        #expect(command.host == "127.0.0.1")
        #expect(command.timeout == 900)
        #expect(command.concurrency == 10)
        #expect(!command.managedInstance)
        #expect(command.program == nil)
    }

    @Test(arguments: [
        ["--port", "65536"], ["--port", "-1"], ["--timeout", "0"], ["--timeout", "901"], ["--concurrency", "0"],
        ["--concurrency", "1001"], ["--timeout", "soon"], ["--unknown"], ["one", "two"],
    ])
    func `An invalid option is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try FunctionURLCommand.parse(arguments) }
    }

    @Test func `The help names every option and gives examples`() {
        let help = FunctionURLCommand.helpMessage()
        for part in [
            "--port", "--host", "--timeout", "--concurrency", "--managed-instance", "--template", "--door", "EXAMPLES",
        ] {
            #expect(help.contains(part))
        }
    }
}
