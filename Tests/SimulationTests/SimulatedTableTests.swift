import SimulatedWorld
import Testing

@Suite struct SimulatedTableTests {
    @Test("An item is written, read and deleted as a whole")
    func keepsItems() {
        var table = TableSamples.table()
        let key = #"{"TableName":"t","Key":{"id":{"S":"a"}}}"#
        #expect(
            TableSamples.call(&table, "GetItem", key)
                == #"200 {"Item":{"id":{"S":"a"},"n":{"N":"5"},"s":{"SS":["1","2"]},"t":{"S":"t"},"b":{"B":"AAEC"}}}"#)
        #expect(
            TableSamples.call(&table, "PutItem", #"{"TableName":"t","Item":{"id":{"S":"a"},"x":{"N":"-0"}}}"#)
                == "200 {}")
        #expect(TableSamples.call(&table, "GetItem", key) == #"200 {"Item":{"id":{"S":"a"},"x":{"N":"0"}}}"#)
        #expect(TableSamples.call(&table, "DeleteItem", key) == "200 {}")
        #expect(TableSamples.call(&table, "DeleteItem", key) == "200 {}")
        #expect(TableSamples.call(&table, "GetItem", key) == "200 {}")
        #expect(table.itemIDs.isEmpty)
    }

    @Test("Ids are compared byte by byte, and written as they came")
    func keepsBytes() {
        var table = SimulatedTable()
        for id in [#"\u00e9"#, "e\u{301}", #"\"\\\/"#, "\u{7F}"] {
            #expect(
                TableSamples.call(&table, "PutItem", #"{"TableName":"t","Item":{"id":{"S":"\#(id)"}}}"#) == "200 {}")
        }
        #expect(
            table.itemIDs.map { Array($0.utf8) } == ["\u{E9}", "e\u{301}", #""\/"#, "\u{7F}"].map { Array($0.utf8) })
        let read = TableSamples.call(&table, "GetItem", #"{"TableName":"t","Key":{"id":{"S":"\"\\/"}}}"#)
        #expect(read == #"200 {"Item":{"id":{"S":"\"\\/"}}}"#)
    }

    @Test(
        "An update adds, deletes and sets",
        arguments: [
            ("ADD #x :v", "x", #"{"N":"1"}"#, #""x":{"N":"1"}"#),
            ("ADD #x :v", "n", #"{"N":"-7"}"#, #""n":{"N":"-2"}"#),
            (
                "ADD #x :v", "n", #"{"N":"99999999999999999999999999999999999994"}"#,
                #""n":{"N":"99999999999999999999999999999999999999"}"#
            ),
            ("ADD #x :v", "x", #"{"SS":["1"]}"#, #""x":{"SS":["1"]}"#),
            ("ADD #x :v", "s", #"{"SS":["3","1"]}"#, #""s":{"SS":["1","2","3"]}"#),
            ("DELETE #x :v", "s", #"{"SS":["3","1"]}"#, #""s":{"SS":["2"]}"#),
            ("DELETE #x :v", "s", #"{"SS":["2","1"]}"#, nil), ("DELETE #x :v", "x", #"{"SS":["1"]}"#, nil),
            ("SET #x = :v", "s", #"{"N":"1"}"#, #""s":{"N":"1"}"#), ("SET #x=:v", "x", #"{"S":""}"#, #""x":{"S":""}"#),
        ] as [(String, String, String, String?)])
    func updates(expression: String, attribute: String, value: String, expected: String?) {
        var table = TableSamples.table()
        let call = TableSamples.update(
            expression, names: ##"{"#x":"\##(attribute)"}"##, values: #"{":v":\#(value)}"#,
            #","ReturnValues":"ALL_NEW""#)
        let answer = TableSamples.call(&table, "UpdateItem", call)
        #expect(answer.hasPrefix("200 "))
        #expect(expected.map { answer.contains($0) } ?? !answer.contains("\"\(attribute)\""))
    }

    @Test("An update of a missing item creates it, even if it deletes")
    func creates() {
        var table = SimulatedTable()
        #expect(
            TableSamples.call(
                &table, "UpdateItem", TableSamples.update("DELETE #x :v", values: #"{":v":{"SS":["1"]}}"#)) == "200 {}")
        #expect(table.itemIDs == ["a"])
    }

    @Test(
        "A condition decides",
        arguments: [
            ("attribute_not_exists(#x)", "n", false), ("attribute_not_exists(#x)", "x", true),
            ("attribute_exists(#x)", "n", true), ("attribute_exists(#x)", "x", false),
            ("#x < :v", "n", false), ("#x <= :v", "n", true), ("#x = :v", "n", true), ("#x <> :v", "n", false),
            ("#x > :v", "n", false), ("#x >= :v", "n", true), (":v<=#x", "n", true), ("#x < :v", "x", false),
            ("#x > :v", "x", false), ("#x = :v", "x", false), ("#x <> :v", "x", true),
            ("#x < :v", "t", false), ("#x >= :v", "t", false), ("#x = :v", "s", false),
            ("size(#x) < :v", "s", true), ("size(#x) = :v", "s", false), ("size(#x) < :v", "t", true),
            ("size(#x) < :v", "b", true), ("size(#x) < :v", "x", false), ("size(#x) < :v", "n", false),
            ("NOT #x < :v", "n", true), ("NOT NOT #x < :v", "n", false),
            ("(attribute_not_exists(#x) OR #x < :v)", "n", false), ("attribute_not_exists(#x) OR #x < :v", "x", true),
            ("#x = :v OR #x = :v AND attribute_not_exists(#x)", "n", true),
            ("(#x = :v OR #x = :v) AND attribute_not_exists(#x)", "n", false),
        ])
    func decides(condition: String, attribute: String, isAllowed: Bool) {
        var table = TableSamples.table()
        let call = TableSamples.update(
            "SET #y = :v", if: condition, names: ##"{"#x":"\##(attribute)","#y":"y"}"##,
            values: #"{":v":{"N":"5"}}"#)
        let answer = TableSamples.call(&table, "UpdateItem", call)
        #expect(answer.hasPrefix(isAllowed ? "200 {}" : "400 "))
        #expect(isAllowed || answer.contains("ConditionalCheckFailedException"))
        #expect(table.number("y", of: "a") == (isAllowed ? 5 : nil))
    }

    @Test("Sets are equal if they have the same members", arguments: [("2,1", true), ("1,2,3", false), ("1", false)])
    func comparesSets(members: String, isEqual: Bool) {
        var table = TableSamples.table()
        let set = members.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",")
        let call = TableSamples.update(
            "SET #y = :v", if: "#x = :v", names: ##"{"#x":"s","#y":"y"}"##, values: #"{":v":{"SS":[\#(set)]}}"#)
        #expect(TableSamples.call(&table, "UpdateItem", call).hasPrefix(isEqual ? "200" : "400"))
    }

    @Test("A failed condition changes nothing, and returns the item if it is wanted")
    func refuses() {
        var table = TableSamples.table()
        let more = #","ReturnValuesOnConditionCheckFailure":"ALL_OLD""#
        let names = ##"{"#x":"n"}"##
        let condition = "attribute_not_exists(#x)"
        let plain = TableSamples.call(
            &table, "UpdateItem", TableSamples.update("ADD #x :v", if: condition, names: names))
        let full = TableSamples.call(
            &table, "UpdateItem", TableSamples.update("ADD #x :v", if: condition, names: names, more))
        #expect(!plain.contains("Item") && full.contains(#""Item":{"id":{"S":"a"},"n":{"N":"5"}"#))
        var empty = SimulatedTable()
        let missing = TableSamples.call(
            &empty, "UpdateItem", TableSamples.update("ADD #x :v", if: "attribute_exists(#x)", more))
        #expect(missing.hasPrefix("400 ") && !missing.contains("Item"))
        #expect(empty.itemIDs.isEmpty)
    }
}
