"""Calls that the proxy makes to its DynamoDB table, put together at random, and ways to spoil them."""

import base64
import copy
import random

ATTRIBUTES = ["requests", "tokens", "cost"]
SCOPES = ["key web", 'key "ü" \\ /', "server a/b", "user 😀"]
# So few that a lease is often added twice, the last one is deleted, and a set is found as it is expected.
LEASES = ["1795287900:a-1", "1795287900:ü-2", "5:a-1"]
HUGE = [10**18, 2**63 - 1, -(2**63), 10**37]
TEXT, NUMBER, TEXTS = ({"S": "a"}, {"N": "7"}, {"SS": ["a"]})


class Calls:
    """A generator of calls: the same for the same seed."""

    def __init__(self, seed, table):
        self.random = random.Random(seed)
        self.table = table

    def call(self):
        """An operation and its body, as the proxy sends them."""
        kinds = {
            self._take: 8, self._add: 6, self._enter: 6, self._replace: 4, self._leave: 5, self._read: 4,
            self._write: 3, self._delete: 2,
        }  # fmt: skip
        (kind,) = self.random.choices(list(kinds), kinds.values())
        return kind()

    def _id(self, kind):
        return {"id": {"S": f"{self.random.choice(SCOPES)}#{kind}"}}

    def _number(self):
        return self.random.choice(HUGE) if self.random.random() < 0.02 else self.random.randrange(-3, 9)

    def _take(self):
        update = Update(self._id("minute#1795287900"), self.random.randrange(10**9))
        update.add("requests", {"N": str(self.random.randrange(1, 4))})
        for attribute in ATTRIBUTES:
            if self.random.random() < 0.5:
                update.require(attribute, "#{0} < :{0}Quota", {"N": str(self._number() * 5)})
        return update.call(self.table, wants_item=True)

    def _add(self):
        update = Update(self._id("minute#1795287900"), self.random.randrange(10**9))
        for attribute in self.random.sample(ATTRIBUTES, self.random.randrange(1, 4)):
            update.add(attribute, {"N": str(self._number())})
        return update.call(self.table)

    def _leases(self):
        return self.random.sample(LEASES, self.random.randrange(1, 4))

    def _enter(self):
        update = Update(self._id("open"), self.random.randrange(10**9))
        update.add("leases", {"SS": self._leases()[:1]})
        update.require("leases", "size(#{0}) < :{0}Quota", {"N": str(self.random.randrange(5))})
        return update.call(self.table)

    def _replace(self):
        update = Update(self._id("open"), self.random.randrange(10**9))
        update.set("leases", {"SS": self._leases()})
        if self.random.random() < 0.3:
            update.require("leases")
        else:
            update.require_equal("leases", {"SS": self._leases()})
        return update.call(self.table)

    def _leave(self):
        update = Update(self._id("open"), self.random.randrange(10**9))
        update.delete("leases", {"SS": self._leases()})
        return update.call(self.table)

    def _any_id(self):
        return self._id(self.random.choice(["minute#1795287900", "open", "cache"]))

    def _read(self):
        consistency = self.random.choice([{}, {"ConsistentRead": True}, {"ConsistentRead": False}])
        return "GetItem", {"TableName": self.table, "Key": self._any_id(), **consistency}

    def _write(self):
        data = base64.b64encode(self.random.randbytes(self.random.randrange(1, 40))).decode()
        item = {**self._id("cache"), "data": {"B": data}, "parts": NUMBER, "part_id": TEXT, "expires": NUMBER}
        return "PutItem", {"TableName": self.table, "Item": item}

    def _delete(self):
        return "DeleteItem", {"TableName": self.table, "Key": self._any_id()}


class Update:
    """An update of one item, in the words of `ItemUpdate.swift`."""

    def __init__(self, key, expires):
        self.key = key
        self.clauses = {"ADD": [], "DELETE": [], "SET": []}
        self.conditions = []
        self.names = {}
        self.values = {}
        self.set("expires", {"N": str(expires)})

    def _act(self, clause, attribute, value, sign=""):
        self.names[f"#{attribute}"] = attribute
        self.values[f":{attribute}"] = value
        self.clauses[clause].append(f"#{attribute} {sign}:{attribute}")

    def add(self, attribute, value):
        self._act("ADD", attribute, value)

    def delete(self, attribute, value):
        self._act("DELETE", attribute, value)

    def set(self, attribute, value):
        self._act("SET", attribute, value, "= ")

    def require(self, attribute, alternative=None, quota=None):
        """Require that the attribute doesn't exist, or that something is below a quota."""
        self.names[f"#{attribute}"] = attribute
        condition = f"attribute_not_exists(#{attribute})"
        if alternative:
            self.values[f":{attribute}Quota"] = quota
            condition = f"({condition} OR {alternative.format(attribute)})"
        self.conditions.append(condition)

    def require_equal(self, attribute, value):
        self.values[f":{attribute}Before"] = value
        self.conditions.append(f"#{attribute} = :{attribute}Before")

    def call(self, table, wants_item=False):
        clauses = [f"{name} {', '.join(actions)}" for name, actions in self.clauses.items() if actions]
        body = {
            "TableName": table, "Key": self.key, "UpdateExpression": " ".join(clauses),
            "ExpressionAttributeNames": self.names, "ExpressionAttributeValues": self.values,
        }  # fmt: skip
        if wants_item:
            body["ReturnValues"] = "ALL_NEW"
        if self.conditions:
            body["ConditionExpression"] = " AND ".join(self.conditions)
            body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return "UpdateItem", body


def _without(member):
    return lambda body, _: body.pop(member)


def _replaced(member, old, new):
    def spoil(body, _):
        assert old in body[member]
        body[member] = body[member].replace(old, new, 1)

    return spoil


def _appended(member, text):
    def spoil(body, _):
        body[member] += text

    return spoil


def _with(member, value):
    def spoil(body, _):
        assert member in body
        body[member] = value

    return spoil


def _valued(value):
    def spoil(body, rng):
        body["ExpressionAttributeValues"][rng.choice(sorted(body["ExpressionAttributeValues"]))] = value

    return spoil


def _first_added(value):
    """The proxy adds only numbers and sets of texts."""

    def spoil(body, _):
        placeholder = body["UpdateExpression"].removeprefix("ADD ").split()[1].rstrip(",")
        body["ExpressionAttributeValues"][placeholder] = value

    return spoil


def _lost(member):
    def spoil(body, rng):
        del body[member][rng.choice(sorted(body[member]))]

    return spoil


def _keyed(body, _):
    """Update the key."""
    body["ExpressionAttributeNames"]["#expires"] = "id"


def _unused(member, placeholder, value):
    def spoil(body, _):
        body[member][placeholder] = value

    return spoil


EXPRESSIONS = ["UpdateExpression", "ConditionExpression"]
# Each makes a right call wrong. A call without the text or member that it changes stays right.
SPOILERS = [
    _without("TableName"), _without("Key"), _with("Key", {"key": TEXT}), _with("Key", {}),
    _with("ReturnValues", "ALL"), _with("UpdateExpression", ""), _with("UpdateExpression", "SET"),
    _lost("ExpressionAttributeNames"), _lost("ExpressionAttributeValues"),
    _unused("ExpressionAttributeNames", "#other", "other"), _unused("ExpressionAttributeValues", ":other", NUMBER),
    _keyed, _first_added(TEXT), _first_added({"SS": []}), _valued({}),
    _replaced("UpdateExpression", "ADD ", "AD "), _replaced("UpdateExpression", " = ", " "),
    _replaced("UpdateExpression", " = ", " == "), _replaced("UpdateExpression", ":", ""),
    _replaced("UpdateExpression", ",", ";"), _appended("UpdateExpression", ","),
    _appended("UpdateExpression", " SET #expires = :expires"), _appended("UpdateExpression", ", #expires = :expires"),
    _appended("UpdateExpression", " ADD #expires :expires"),
    _replaced("ConditionExpression", "(", ""), _replaced("ConditionExpression", ")", ""),
    _replaced("ConditionExpression", " < ", " "), _replaced("ConditionExpression", " < ", " << "),
    _replaced("ConditionExpression", " OR ", " "), _replaced("ConditionExpression", ":", ":x"),
    _replaced("ConditionExpression", "attribute_not_exists", "attribute_missing"),
    _appended("ConditionExpression", " AND"), _appended("ConditionExpression", " #"),
    _replaced("ConditionExpression", "(#", "(:"),
]  # fmt: skip


def spoiled(call, rng):
    """A wrong variant of a call, made in one random way; None if that way isn't possible."""
    operation, body = call
    wrong = copy.deepcopy(body)
    try:
        rng.choice(SPOILERS)(wrong, rng)
    except (KeyError, AssertionError, IndexError):
        return None
    return (operation, wrong) if wrong != body else None
