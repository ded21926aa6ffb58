import HTTPTypes
import Testing

@testable import AWSSignature

@Suite struct SignatureV4Tests {
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    private static func credentials(token: String?) -> AWSCredentials {
        AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret, sessionToken: token)
    }

    @Test("AWS's own cases", arguments: PublishedCase.all)
    func signs(_ published: PublishedCase) throws {
        let signature = SignatureV4(
            region: "us-east-1", service: "service", Self.credentials(token: published.token))
        let fields = signature.fields(for: published.request, at: 1_440_938_160)
        #expect(fields[.amzDate] == "20150830T123600Z")
        #expect(fields[.amzSecurityToken] == published.token)
        #expect(
            fields[.authorization]
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=\(published.signedFields), Signature=\(published.signature)")
        #expect(fields.count == (published.token == nil ? 2 : 3))
    }

    private static let converse = "/converse-stream"
    private static let profile =
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile"
        + "%2Fus.anthropic.claude-sonnet-4-5-20250929-v1%3A0"

    @Test(
        "Bedrock's paths, with encoded colons and slashes, have botocore's signatures",
        arguments: [
            (
                "/openai/v1/chat/completions", false,
                "c64dc1b76ffdaa7c67a27a7407b27cbac18184e69910f33829494654ae17c231"
            ),
            (
                "/openai/v1/chat/completions", true,
                "0527e0202a932fd38a512ab6e21474643719e115a431d7fada6ec6bba6476f86"
            ),
            (
                "/model/anthropic.claude-3-haiku-20240307-v1%3A0\(converse)", true,
                "8cb952e366306095174cafef9a45de0ae3838a211bef016e71e1dabe5e782e33"
            ),
            (
                "/model/\(profile)\(converse)", true,
                "58bd1827267a46bb8edf51de356d93a56dda77dc680738f8fb5ef99f66d47dee"
            ),
        ])
    func signsBedrock(path: String, hasToken: Bool, expected: String) throws {
        let request = SignableRequest(
            .post, host: "bedrock-runtime.us-east-1.amazonaws.com", path: path,
            fields: [.contentType: "application/json"],
            body: Array(#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#.utf8))
        let credentials = Self.credentials(token: hasToken ? "IQoJb3JpZ2luX2VjEXAMPLE//+==" : nil)
        let signature = SignatureV4(region: "us-east-1", service: "bedrock", credentials)
        let fields = signature.fields(for: request, at: 1_735_787_045)
        #expect(fields[.authorization]?.hasSuffix("Signature=\(expected)") == true)
    }
}
