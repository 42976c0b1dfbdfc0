// Why replications fail: what AWS documents, as the server tells it in the words of `faultline
// explain`, and what this emulator adds.

let documented = [];

// The server's `hello` brings them, before it tells of any world.
export function learnReasons(told) {
  documented = told.filter((reason) => reason.id.startsWith("REASON-"));
}

export const documentedReasons = () => documented;

// What happens beside the documented causes.
const kOthers = [
  {
    title: "A replica of another secret has the name",
    message: /currently replicated to .* with a different arn/,
    what: "The Region holds a replica of a different primary, perhaps of one that is gone.",
    why: "A replica belongs to its primary, and overwriting does not take it away.",
    remedy: "Promote that replica to a standalone secret, delete it there, then retry.",
  },
  {
    title: "The replica was promoted",
    message: /was promoted to a standalone secret/,
    what: "The Region has made its replica a secret of its own, which follows nobody.",
    why: "A promotion is decided in the replica's Region; the primary hears of it afterwards.",
    remedy: "Delete the replica from the list here. To have one again, overwrite the secret there.",
  },
  {
    title: "The Region was removed",
    message: /was removed from replication/,
    what: "The replica was removed while a change was still on its way to it.",
    why: "Removing a replica and changing its primary are two calls, and the wire keeps no order.",
    remedy: "Nothing, if it was meant. Otherwise replicate to the Region again.",
  },
];

// Undefined: none that is known.
export const reasonOf = (message = "") =>
  documented.find((reason) => message.includes(reason.message)) ??
  kOthers.find((reason) => reason.message.test(message));
