import Calendar
import Digests
package import HTTPTypes
import Transport

/// AWS's Signature Version 4, in header fields:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
///
/// libcurl 7.88.1 can sign too (`CURLOPT_AWS_SIGV4`), but its signature is wrong for a path with `%3A` and for a body
/// that comes from a callback.
package struct SignatureV4: Sendable {
    private let region: String
    private let service: String
    private let credentials: AWSCredentials

    package init(region: String, service: String, _ credentials: AWSCredentials) {
        self.region = region
        self.service = service
        self.credentials = credentials
    }

    /// - Parameter seconds: since 1970. AWS accepts the signature a few minutes before and after that time.
    /// - Returns: the fields to send in addition to those of the request.
    package func fields(for request: SignableRequest, at seconds: Int64) -> HTTPFields {
        let time = SigningTime(seconds)
        var fields: HTTPFields = [.amzDate: time.instant]
        fields[.amzSecurityToken] = credentials.sessionToken
        let canonical = CanonicalRequest(request, with: fields)
        let scope = [time.day, region, service, Self.end]
        let text = [
            Self.algorithm, time.instant, scope.joined(separator: "/"),
            Hexadecimal.encode(SHA256.digest(of: Array(canonical.text.utf8))),
        ].joined(separator: "\n")
        let signature = Hexadecimal.encode(key(for: scope).code(for: Array(text.utf8)))
        fields[.authorization] =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope.joined(separator: "/")), "
            + "SignedHeaders=\(canonical.signedFields), Signature=\(signature)"
        return fields
    }

    /// Derived from the secret key, and valid for one day, region and service only.
    private func key(for scope: [String]) -> HMACKey {
        scope.reduce(HMACKey(Array("AWS4\(credentials.secretAccessKey)".utf8))) { key, part in
            HMACKey(key.code(for: Array(part.utf8)))
        }
    }

    private static let algorithm = "AWS4-HMAC-SHA256"
    private static let end = "aws4_request"
}

extension HTTPField.Name {
    static let amzDate = known("x-amz-date")
    static let amzSecurityToken = known("x-amz-security-token")
}

/// A time in the format of signatures.
struct SigningTime {
    /// Such as `20150830`.
    let day: String
    /// Such as `20150830T123600Z`.
    let instant: String

    /// - Parameter seconds: since 1970; not negative.
    init(_ seconds: Int64) {
        let date = CalendarDate(atSeconds: seconds)
        let time = seconds - date.start
        day = "\(Self.digits(date.year, 4))\(Self.digits(date.month))\(Self.digits(date.day))"
        instant = "\(day)T\(Self.digits(time / 3600))\(Self.digits(time / 60 % 60))\(Self.digits(time % 60))Z"
    }

    private static func digits(_ number: Int64, _ count: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}

/// The credentials for calls to AWS. None of their parts is printed, and the secret key is never sent.
package struct AWSCredentials: Sendable, Equatable {
    let accessKeyID: String
    let secretAccessKey: String
    /// Only temporary credentials have one, such as those of a function's role.
    package let sessionToken: String?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// The environment variables that `init(_:)` reads.
    package static let variables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. Nil if one of the first two is not
    /// set or is empty.
    package init?(_ environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let accessKeyID = value("AWS_ACCESS_KEY_ID"), let secretAccessKey = value("AWS_SECRET_ACCESS_KEY") else {
            return nil
        }
        self.init(
            accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: value("AWS_SESSION_TOKEN"))
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[credentials]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
