import Testing

@testable import AWSSignature

@Suite struct AWSCredentialsTests {
    private static let id = "AKIDEXAMPLE"

    @Test(
        "Credentials come from the environment, and half of them count as none",
        arguments: [
            (["AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": "s"], true),
            (["AWS_ACCESS_KEY_ID": id], false), (["AWS_SECRET_ACCESS_KEY": "s"], false), ([:], false),
            (["AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": ""], false),
            (["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "s"], false),
        ] as [([String: String], Bool)])
    func reads(environment: [String: String], areThere: Bool) {
        #expect((AWSCredentials(environment) != nil) == areThere)
    }

    @Test("An empty session token is ignored", arguments: [(nil, nil), ("", nil), ("t", "t")] as [(String?, String?)])
    func readsToken(value: String?, token: String?) throws {
        var environment = ["AWS_ACCESS_KEY_ID": Self.id, "AWS_SECRET_ACCESS_KEY": "s"]
        environment["AWS_SESSION_TOKEN"] = value
        #expect(try #require(AWSCredentials(environment)).sessionToken == token)
    }

    @Test("Printing never shows the credentials")
    func hides() {
        let credentials = AWSCredentials(accessKeyID: "first", secretAccessKey: "second", sessionToken: "third")
        var dumped = ""
        dump(credentials, to: &dumped)
        dump(["in": Optional(credentials)], to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped] {
            for part in ["first", "second", "third"] { #expect(!text.contains(part)) }
        }
    }
}
