import Testing

@testable import Proxy
@testable import ProxyConfiguration
@testable import Transport

@Suite struct TimeTests {
    @Test("Times are in seconds with fractions, and become milliseconds")
    func readsTimes() throws {
        let limits = try server(
            """
              connect_timeout: 0.25
              ttft_timeout: '20'
              stream_idle_timeout: ${IDLE}
              timeout: 60.001
              keepalive_seconds: 1.5
            """, ["IDLE": "1.001"]
        ).limits
        #expect(limits.connect == 250)
        #expect(limits.firstByte == 20_000)
        #expect(limits.idle == 1001)
        #expect(limits.total == 60_001)
        #expect(limits.silence == 1500)
    }

    @Test("A keepalive of 0 seconds turns keepalives off", arguments: ["0", "0.0", "'0'"])
    func switchesKeepaliveOff(text: String) throws {
        #expect(try server("  keepalive_seconds: \(text)").limits.silence == nil)
    }

    @Test("The shortest and longest times are accepted")
    func takesExtremes() throws {
        let limits = try server(
            "  timeout: 86400\n  connect_timeout: 0.001\n  ttft_timeout: 86400\n  keepalive_seconds: 86400"
        ).limits
        #expect(limits.total == 86_400_000)
        #expect(limits.connect == 1)
        #expect(limits.firstByte == 86_400_000)
        #expect(limits.silence == 86_400_000)
    }

    @Test("A server's timeout may be shorter than the defaults of its parts")
    func leavesDefaults() throws {
        let limits = try server("  timeout: 0.5\nsettings:\n  allow_anonymous: true").limits
        #expect(limits.total == 500)
        #expect(limits.connect == 5000)
        #expect(limits.firstByte == 600_000)
    }

    @Test("A part may take as long as the whole, or any time while the whole isn't known")
    func comparesWithTimeout() throws {
        #expect(try server("  timeout: 2\n  ttft_timeout: 2").limits.firstByte == 2000)
        let unknown = try server("  timeout: ${X}\n  ttft_timeout: 1000")
        #expect(unknown.limits.firstByte == 1_000_000)
        #expect(unknown.missingVariables == ["X"])
    }

    @Test(
        "deadline_margin is read, wherever the settings are",
        arguments: [("0.2", 200), ("'60'", 60_000), ("1.5", 1500)])
    func readsMargin(text: String, margin: Int) throws {
        let settings = "settings:\n  deadline_margin: \(text)\n"
        let server = "a:\n  url: http://a\n"
        #expect(try load(settings + server).table.settings.deadlineMargin == margin)
        #expect(try load(server + settings).table.settings.deadlineMargin == margin)
        #expect(try load(server).table.settings.deadlineMargin == 1000)
    }

    private static let refused: [Refusal] =
        ["connect_timeout", "ttft_timeout", "stream_idle_timeout", "timeout"].flatMap { key in
            ["0", "-1", "nan", "inf", "1e99", "86401", "0.0001", "soon", "''"].map { time in
                Refusal(
                    "a:\n  url: http://a\n  \(key): \(time)", 3,
                    "'\(key)' must be a number of seconds from 0.001 to 86400")
            }
        }
        + ["-1", "nan", "86401", "off", "0.0001"].map { time in
            let message = "'keepalive_seconds' must be a number of seconds from 0.01 to 86400, or 0 for none"
            return Refusal("a:\n  url: http://a\n  keepalive_seconds: \(time)", 3, message)
        }
        + ["0", "0.04", "60.1", "-1", "nan", "soon"].map { time in
            let message = "settings: 'deadline_margin' must be a number of seconds from 0.2 to 60"
            return Refusal("settings:\n  deadline_margin: \(time)\na: {url: http://a}", 2, message)
        }
        + ["connect_timeout", "ttft_timeout", "stream_idle_timeout"].flatMap { key in
            let message = "server 'a': '\(key)' is longer than the server's 'timeout' of"
            return [
                Refusal("a:\n  url: http://a\n  \(key): 2.5\n  timeout: 2", 3, "\(message) 2 s; lower it or raise"),
                Refusal("a:\n  url: http://a\n  timeout: 0.5\n  \(key): 2", 4, "\(message) 0.5 s; lower it or raise"),
                Refusal("a:\n  url: http://a\n  \(key): 900.001", 3, "\(message) 900 s; lower it or raise"),
            ]
        }
        + [
            Refusal(
                "a: {url: http://a}\nb: {url: http://b, timeout: 2}\nsettings:\n  deadline_margin: 2", 4,
                "'deadline_margin' must be shorter than the 'timeout' of server 'b', which is 2 s; lower it or raise"),
            Refusal(
                "settings:\n  deadline_margin: 1\n  virtual_keys: []\nb: {url: http://b, timeout: 0.3}", 2,
                "the 'timeout' of server 'b', which is 0.3 s"),
            Refusal("settings:\n\n  deadline_margin: ${X}\na: {url: http://a}", 3, "'deadline_margin' needs X"),
            Refusal("settings:\n  deadline_margn: 1\na: {url: http://a}", 2, "did you mean 'deadline_margin'?"),
        ]

    @Test("A time that is invalid or can't be reached is refused with its line", arguments: refused)
    func refuses(refusal: Refusal) throws { try refusal.expect() }
}
