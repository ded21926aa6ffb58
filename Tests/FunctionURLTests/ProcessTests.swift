import Testing

@testable import FunctionURL

@Suite struct ProcessTests {
    private func environment(_ settings: Settings, inherited: [String: String]) -> [String: String] {
        ChildEnvironment.make(
            inherited: inherited, settings: settings, apiAddress: "127.0.0.1:1", workingDirectory: "/work", label: "1")
    }

    @Test func `A runtime gets Lambda's variables and keeps the developer's`() {
        let variables = self.environment(
            Settings(), inherited: ["OPENAI_KEY": "k", "LAMBDA_TASK_ROOT": "/mine", "AWS_LAMBDA_RUNTIME_API": "old"])
        #expect(variables["AWS_LAMBDA_RUNTIME_API"] == "127.0.0.1:1")
        #expect(variables["OPENAI_KEY"] == "k")
        #expect(variables["LAMBDA_TASK_ROOT"] == "/mine")
        #expect(variables["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST")
        #expect(variables["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand")
        #expect(self.environment(Settings(), inherited: [:])["LAMBDA_TASK_ROOT"] == "/work")
    }

    @Test(
        arguments: [
            (true, [:], "1"), (false, [:], nil), (true, ["TERM": "dumb"], nil), (true, ["FORCE_COLOR": ""], ""),
            (false, ["FORCE_COLOR": "1"], "1"),
        ] as [(Bool, [String: String], String?)])
    func `A runtime may use colours if a terminal shows them`(
        isTerminal: Bool, inherited: [String: String], expected: String?
    ) {
        let variables = ChildEnvironment.make(
            inherited: inherited, settings: Settings(), apiAddress: "127.0.0.1:1", workingDirectory: "/", label: "1",
            isTerminal: isTerminal)
        #expect(variables["FORCE_COLOR"] == expected)
        #expect(variables["AWS_SAM_LOCAL"] == "true")
    }

    @Test func `Only a managed instance is told of its concurrency`() {
        let inherited = ["AWS_LAMBDA_MAX_CONCURRENCY": "99"]
        let managed = Settings(concurrency: 5, isManagedInstance: true)
        #expect(self.environment(managed, inherited: inherited)["AWS_LAMBDA_MAX_CONCURRENCY"] == "5")
        #expect(self.environment(Settings(), inherited: inherited)["AWS_LAMBDA_MAX_CONCURRENCY"] == nil)
    }

    @Test(arguments: [(Settings(concurrency: 3), 3, 1), (Settings(concurrency: 3, isManagedInstance: true), 1, 3)])
    func `Concurrency is many processes or one`(settings: Settings, environments: Int, each: Int) {
        #expect(settings.environmentLimit == environments)
        #expect(settings.invocationsPerEnvironment == each)
    }

    @Test(arguments: [
        (0, "exited with status 0"), (3 << 8, "exited with status 3"), (9, "was ended by signal 9 (Killed)"),
    ])
    func `The end of a process is described in a sentence`(status: Int32, sentence: String) {
        #expect(ExitStatus(raw: status).sentence == sentence)
    }

    @Test func `A runtime that keeps dying is restarted after longer and longer waits, up to five seconds`() {
        var backoff = Backoff()
        #expect(backoff.wait(at: 0) == 0)
        let waits = (1...9).map { _ in
            backoff.failed(at: 1_000)
            return backoff.wait(at: 1_000)
        }
        #expect(waits == [0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
        #expect(backoff.wait(at: 5_999) == 1)
        #expect(backoff.wait(at: 6_000) == 0)
        backoff.succeeded()
        #expect(backoff == Backoff())
    }
}
