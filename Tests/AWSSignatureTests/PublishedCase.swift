import HTTPTypes

@testable import AWSSignature

/// A case of the suite that AWS publishes for this signature (awslabs/aws-c-auth, `tests/aws-signing-test-suite/v4`).
/// Left out are the cases that resolve dots and double slashes in paths, and the one with an unsigned session token.
struct PublishedCase: Sendable, CustomStringConvertible {
    let description: String
    let request: SignableRequest
    let token: String?
    let signedFields: String
    let signature: String

    init(
        _ name: String, _ method: HTTPRequest.Method, _ target: String, fields: [(String, String)] = [],
        body: String = "", token: String? = nil, signed: String = "host;x-amz-date", _ signature: String
    ) {
        description = name
        let parts = target.split(separator: "?", maxSplits: 1)
        var request = SignableRequest(method, host: "example.amazonaws.com", path: String(parts[0]))
        if parts.count > 1 { request.query = String(parts[1]) }
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { request.fields.append(HTTPField(name: name, value: value)) }
        }
        request.body = Array(body.utf8)
        self.request = request
        self.token = token
        signedFields = signed
        self.signature = signature
    }

    private static let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let formHash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"
    private static let longToken =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfp"
        + "SPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQ"
        + "DYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+s"
        + "cqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

    static let all = [
        Self(
            "get-header-key-duplicate", .get, "/",
            fields: [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
            signed: "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Self(
            "get-header-value-multiline", .get, "/", fields: [("My-Header1", "value1\n  value2\n     value3")],
            signed: "host;my-header1;x-amz-date", "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"),
        Self(
            "get-header-value-order", .get, "/",
            fields: [
                ("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2"),
            ],
            signed: "host;my-header1;x-amz-date", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
        Self(
            "get-header-value-trim", .get, "/", fields: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            signed: "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Self(
            "get-relative-relative-unnormalized", .get, "/example1/example2/../..",
            "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b"),
        Self(
            "get-relative-unnormalized", .get, "/example/..",
            "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282"),
        Self(
            "get-slash-dot-slash-unnormalized", .get, "/./",
            "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145"),
        Self(
            "get-slash-pointless-dot-unnormalized", .get, "/./example",
            "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff"),
        Self("get-slash-unnormalized", .get, "//", "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e"),
        Self(
            "get-slashes-unnormalized", .get, "//example//",
            "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5"),
        Self(
            "get-space-normalized", .get, "/example space/",
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Self(
            "get-space-unnormalized", .get, "/example space/",
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Self(
            "get-unreserved", .get, "/\(unreserved)",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Self("get-utf8", .get, "/ሴ", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Self(
            "get-vanilla-empty-query-key", .get, "/?Param1=value1",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        Self(
            "get-vanilla-query-order-encoded", .get, "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
        Self(
            "get-vanilla-query-order-key-case", .get, "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Self(
            "get-vanilla-query-unreserved", .get, "/?\(unreserved)=\(unreserved)",
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        Self("get-vanilla-query", .get, "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Self(
            "get-vanilla-utf8-query", .get, "/?ሴ=bar",
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Self(
            "get-vanilla-with-session-token", .get, "/",
            token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            signed: "host;x-amz-date;x-amz-security-token",
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"),
        Self("get-vanilla", .get, "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Self("post-header-key-case", .post, "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Self(
            "post-header-key-sort", .post, "/", fields: [("My-Header1", "value1")],
            signed: "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        Self(
            "post-header-value-case", .post, "/", fields: [("My-Header1", "VALUE1")],
            signed: "host;my-header1;x-amz-date", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
        Self(
            "post-sts-header-before", .post, "/",
            token: longToken,
            signed: "host;x-amz-date;x-amz-security-token",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
        Self(
            "post-vanilla-empty-query-value", .post, "/?Param1=value1",
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        Self(
            "post-vanilla-query", .post, "/?Param1=value1",
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        Self("post-vanilla", .post, "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Self(
            "post-x-www-form-urlencoded-parameters", .post, "/",
            fields: [
                ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("Content-Length", "13"),
                ("x-amz-content-sha256", "\(formHash)"),
            ],
            body: "Param1=value1", signed: "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"),
        Self(
            "post-x-www-form-urlencoded", .post, "/",
            fields: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "13"),
                ("x-amz-content-sha256", "\(formHash)"),
            ],
            body: "Param1=value1", signed: "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"),
    ]
}
