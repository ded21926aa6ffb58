import Proxy
import Testing
import Transport

@testable import DynamoDBStore

@Suite struct LeaseTests {
    private static func refused(_ leases: [String]) -> ScriptedDynamoDB.Step {
        let set = leases.isEmpty ? "" : #""leases":{"SS":[\#(leases.map { "\"\($0)\"" }.joined(separator: ","))]}"#
        return .answer(400, #"{"__type":"\#(AnswerTests.refusal)","Item":{\#(set)}}"#)
    }

    private static let alive = "\(Samples.now + 60):alive"
    private static let dead = "\(Samples.now - 60):dead"

    @Test(
        "Without room a lease is refused at once, including a minute's grace",
        arguments: [[alive, "\(Samples.now - 59):late"], [alive, alive + "-2"]])
    func refuses(leases: [String]) async throws {
        let (store, dynamoDB) = Samples.store(Self.refused(leases))
        #expect(try await store.enter(Samples.lease()) == false)
        #expect(dynamoDB.requests.count == 1)
    }

    @Test("Expired and invalid leases are replaced, if they are still there")
    func replaces() async throws {
        let (store, dynamoDB) = Samples.store(
            Self.refused([Self.dead, Self.alive, "nonsense"]), .answer(200, "{}"))
        #expect(try await store.enter(Samples.lease()))
        #expect(dynamoDB.bodies.count == 2)
        let body = ##"""
            {"TableName":"limits","Key":{"id":{"S":"key/a#open"}},\##
            "UpdateExpression":"SET #expires = :expires, #leases = :leases",\##
            "ExpressionAttributeNames":{"#expires":"expires","#leases":"leases"},\##
            "ExpressionAttributeValues":{":expires":{"N":"1795461330"},\##
            ":leases":{"SS":["\##(Self.alive)","1795288530:r-1"]},\##
            ":leasesBefore":{"SS":["\##(Self.dead)","\##(Self.alive)","nonsense"]}},\##
            "ConditionExpression":"#leases = :leasesBefore","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}
            """##
        #expect(dynamoDB.bodies.last == body)
    }

    @Test("A request isn't refused because of its own lease, entered by a call whose response was lost")
    func findsItself() async throws {
        let own = "\(Samples.lease().expires):\(Samples.lease().id)"
        let (store, dynamoDB) = Samples.store(.error(.reset), Self.refused([Self.alive, own]))
        #expect(try await store.enter(Samples.lease()))
        #expect(dynamoDB.requests.count == 2)
    }

    @Test("The last try to replace expired leases finds the request's own lease, too", arguments: 0...3)
    func findsItselfLate(earlier: Int) async throws {
        let own = "\(Samples.lease().expires):\(Samples.lease().id)"
        let others = (0..<earlier).map { Self.refused([Self.dead, "1:\($0)"]) }
        let transport = ScriptedDynamoDB(others + [.error(.reset), Self.refused([own])])
        #expect(try await Samples.store(transport).enter(Samples.lease()))
        #expect(transport.requests.count == earlier + 2)
    }

    @Test("If another process replaces expired leases first, the set is checked again")
    func looksAgain() async throws {
        let (store, dynamoDB) = Samples.store(
            Self.refused([Self.dead, Self.alive]), Self.refused([]), .answer(200, "{}"))
        #expect(try await store.enter(Samples.lease()))
        #expect(dynamoDB.bodies.last?.contains("attribute_not_exists(#leases)") == true)
        #expect(dynamoDB.bodies.last?.contains(#"":leases":{"SS":["1795288530:r-1"]}"#) == true)
    }

    @Test("A process that always comes second is refused in the end")
    func givesUp() async throws {
        let (store, dynamoDB) = Samples.store(
            Self.refused([Self.dead, "1:a"]), Self.refused([Self.dead, "1:b"]), Self.refused([Self.dead, "1:c"]),
            Self.refused([Self.dead, "1:d"]), .answer(200, "{}"))
        #expect(try await store.enter(Samples.lease()) == false)
        #expect(dynamoDB.requests.count == 4)
    }
}
