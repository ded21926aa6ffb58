import Testing

@testable import Proxy

@Suite struct RequestTargetTests {
    @Test(
        "A path is split into segments, and what isn't allowed in a URL is escaped",
        arguments: [
            ("/a/v1/models", ["a", "v1", "models"]), ("/a/v1/models/gpt%2D4", ["a", "v1", "models", "gpt%2D4"]),
            ("/a/b c", ["a", "b%20c"]), ("/é", ["%C3%A9"]), ("/", []), ("/a/", ["a"]), ("/a/...x", ["a", "...x"]),
            ("/a/ft:gpt-4o:x::1", ["a", "ft:gpt-4o:x::1"]), ("/a/%252e%252e", ["a", "%252e%252e"]),
            ("/a/b?c", ["a", "b%3Fc"]), ("/a/b;c=1,d", ["a", "b;c=1,d"]), ("/a/..x;y", ["a", "..x;y"]),
            ("/a/;x=1", ["a", ";x=1"]), ("/a/b;..", ["a", "b;.."]),
            ("/a/a..b", ["a", "a..b"]), ("/.well-known/x..", [".well-known", "x.."]), ("/a/%20", ["a", "%20"]),
            ("/a/. x", ["a", ".%20x"]), ("/a/.-.", ["a", ".-."]), ("/a/.%C2%A0", ["a", ".%C2%A0"]),
        ])
    func accepts(path: String, segments: [String]) throws {
        let target = try RequestTarget(path: path, query: "")
        #expect(target.segments.map(\.encoded) == segments)
    }

    @Test(
        "Empty segments are ignored everywhere",
        arguments: [
            ("//", []), ("///", []), ("//a", ["a"]), ("/a//b", ["a", "b"]), ("/a/b/", ["a", "b"]),
            ("//a//v1///models//", ["a", "v1", "models"]), ("///health", ["health"]),
            ("//v1//models/", ["v1", "models"]),
        ])
    func skipsEmptySegments(path: String, segments: [String]) throws {
        #expect(try RequestTarget(path: path, query: "").segments.map(\.decoded) == segments)
    }

    @Test(
        "What follows the first segment is kept as it is written",
        arguments: [
            ("/a", ""), ("//a", ""), ("/a/", "/"), ("/a//b", "//b"), ("//a///b//c//", "///b//c//"), ("/", ""),
            ("/a/b%7e", "/b%7e"), ("/a/b c", "/b%20c"),
        ])
    func keepsPathAfterFirst(path: String, expected: String) throws {
        #expect(try RequestTarget(path: path, query: "").pathAfterFirst == expected)
    }

    @Test(
        "Only a model's name may contain an encoded slash",
        arguments: [
            ("/a/v1/models/org%2Fname", "org/name"), ("//a//v1//models//org%2fname%3Atag", "org/name:tag"),
            ("/a/v1/models/x/y%2Fz", "y/z"), ("/a/v1/models/x%252Fy", nil), ("/a/v1/models/x/y", nil),
        ] as [(String, String?)])
    func keepsEncodedSlashes(path: String, name: String?) throws {
        let target = try RequestTarget(path: path, query: "")
        #expect(target.hasEncodedSlash == (name != nil))
        #expect(name == nil || target.segments.last?.decoded == name)
    }

    @Test(
        "A path that another server could read differently is refused",
        arguments: [
            "", "a", "/.", "/a/./b", "/a//../b", "/a/..", "/a/%2e%2e/b", "/a/%2E/b", "/a/.%2e/b", "/../a",
            "/a/...", "/a/....;x/b", "/a/..%20", "/a/%20..", "/a/. ./b", "/a/%20.", "/a/.%20;x", "/a/%2e%20%2e", "/...",
            "/a/..%09", "/a/.%09.", "/a/v1/models/b%2F..%20", "/a/v1/models/%20.%2Fb", "/a/v1/models/b%2F...%2Fc",
            "/a/..;", "/a/..;/b", "/a/.;x", "/a/..;x=1/b", "/a/..%3B", "/a/%2e%2E%3bx",
            "/a/b%2Fc", "/a/b%2fc", "/a%2Fv1/models", "/a/v1/models%2Fb", "/a/v1%2Fmodels/b", "/a/v1/files/b%2Fc",
            "/a/v1/models/..%2Fb", "/a/v1/models/b%2F..", "/a/v1/models/b%2F..%2Fc", "/a/v1/models/b%2f%2E%2e%2fc",
            "/a/v1/models/b%2F.", "/a/v1/models/b%2F.%2Fc", "/a/v1/models/b%2F..;x%2Fc", "/a/v1/models/%2F",
            "/a/v1/models/%2Fb", "/a/v1/models/b%2F", "/a/v1/models/b%2F%2Fc",
            "/a/v1/models/b%2F%5C", "/a/v1/models/b%2F%0d", "/a/v1/models/b%2F%ff",
            "/a/b%5Cc", "/a\\b", "/a/..\\b", "/a/%00", "/a/b\0", "/a/%0a", "/a/b\r\nX: y",
            "/a/%", "/a/%4", "/a/%zz", "/a/%ff", "/a/%7f",
        ])
    func refuses(path: String) {
        #expect {
            try RequestTarget(path: path, query: "")
        } throws: { error in
            guard case .invalidPath = error as? ProxyError else { return false }
            return true
        }
    }

    @Test("A path and query of more than 64 KiB are refused before they are parsed")
    func boundsLength() throws {
        let limit = RequestTarget.limit
        let path = "/a/" + String(repeating: "x", count: limit / 2 - 3)
        #expect(throws: ProxyError.pathTooLong(limit: limit)) {
            try RequestTarget(path: path, query: String(repeating: "%", count: limit / 2 + 1))
        }
        #expect(try RequestTarget(path: path, query: String(repeating: "q", count: limit / 2)).segments.count == 2)
    }

    @Test("A name in a path is compared by its bytes")
    func comparesSegments() throws {
        let target = try RequestTarget(path: "/e\u{301}/é", query: "")
        #expect(target.segments.map { $0.isNamed("é") } == [false, true])
    }

    @Test(
        "A query passes unchanged",
        arguments: [("", ""), ("a=1&b=%20", "a=1&b=%20"), ("a=b c", "a=b%20c"), ("a=\r\nb#c", "a=%0D%0Ab%23c")])
    func keepsQuery(query: String, expected: String) throws {
        #expect(try RequestTarget(path: "/a", query: query).query == expected)
    }

    private static let keys = RequestKeys(
        presented: [Secret("key-web"), Secret("a+b/c=d")],
        known: KnownKeys([KeyDigest(of: Secret("key-of-another")), KeyDigest(of: Secret("token-of-a-server"))]))

    @Test(
        "A parameter that is a key is dropped, and the others stay as they are written",
        arguments: [
            ("key=key-web", ""), ("a=1&key=key-web&b=%32", "a=1&b=%32"), ("key=key-web&a=1", "a=1"),
            ("a=1&key=key-web", "a=1"),
            ("key=key-web&a=1&api_key=key-web", "a=1"), ("a=1;k=key-web;b=2", "a=1;b=2"),
            ("a=1&k=key-web;b=2", "a=1&b=2"),
            ("k=%6Bey%2Dweb&a=1", "a=1"), ("k=%6bey%2dweb", ""), ("k=key-web%20", ""), ("k=a+b/c=d", ""),
            ("k=a%2Bb%2Fc%3Dd", ""), ("key-web", ""), ("a=1&key-web", "a=1"), ("key-web=1", ""),
            ("authorization=Bearer%20key-web", ""), ("authorization=bearer+key-web&a=", "a="), ("k=key-of-another", ""),
            ("k=token-of-a-server&&a", "&a"), ("a=&&b;;c&k=key-web&", "a=&&b;;c&"),
        ])
    func dropsKeys(query: String, expected: String) throws {
        #expect(try RequestTarget(path: "/a", query: query).without(Self.keys).query == expected)
    }

    @Test(
        "A key is dropped with its parameter however it is wrapped",
        arguments: [
            "k=+KEY", "k=%20KEY", "k=KEY+", "k=\"KEY\"", "k=%22KEY%22", "k='KEY'", "k==KEY", "k=KEY=", "k=KEY%00",
            "k=%00KEY", "k=x=KEY", "k=%22Bearer+KEY%22", "k=Bearer++KEY", "k=KEY%", "k=KEY%zz", "k=token:KEY",
            "k={%22key%22:%22KEY%22}", "https://x/?k=KEY", "KEY", "k[]=KEY", "k=%3CKEY%3E", "KEY=KEY",
        ])
    func dropsWrapped(parameter: String) throws {
        let keys = [
            "own-key-of-words", "q8/Zt+5w1kH/3nVx0aPd", "team:web:s3cr3tvalue", "p@ss(w)ord,is;very'secret=1",
            "ab;cd;ef",
            "L" + String(repeating: "z9", count: 200),
        ]
        for key in keys {
            let known = RequestKeys(known: KnownKeys([KeyDigest(of: Secret(key))]))
            for keys in [RequestKeys(presented: [Secret(key)]), known] {
                let query = "a=1&" + parameter.replacing("KEY", with: key) + "&b=2;c"
                #expect(try RequestTarget(path: "/a", query: query).without(keys).query == "a=1&b=2;c", "\(query)")
            }
        }
    }

    @Test("A key inside a longer word is another word")
    func keepsLonger() throws {
        let keys = RequestKeys(presented: [Secret("test-key")], known: KnownKeys([KeyDigest(of: Secret("password"))]))
        for query in ["q=my-test-key-name", "q=test-keys", "q=passwords", "name=my_password"] {
            #expect(try RequestTarget(path: "/a", query: query).without(keys).query == query)
        }
    }

    @Test(
        "A query without a key passes unchanged",
        arguments: [
            "", "a=1", "&", "a=1&", "&a=1", "a&&b", "a=%zz&b=%", "key=key-we", "key=key-webb", "key=KEY-WEB",
            "a=x;b=y&c=%26", "key=other-key-0123456789", "k=Bearer+other", "a=key%20web", "%6Bey%2Dwe",
        ])
    func keepsOthers(query: String) throws {
        let target = try RequestTarget(path: "/a", query: query)
        #expect(target.without(Self.keys) == target)
    }

    @Test("The request's own key is found after any number of parameters")
    func dropsBehindMany() throws {
        let many = String(repeating: "name=longer-value&", count: 3000)
        #expect(try RequestTarget(path: "/a", query: "\(many)k=key-web").without(Self.keys).query == many.dropLast())
    }
}
