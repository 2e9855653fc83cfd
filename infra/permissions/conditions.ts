import { TAG } from "../../functions/domain/cluster/naming.ts";

/*
 * Resources carry the owner's tag from the call that makes them. So "create" asks for the tag in the request, and "change"
 * for the tag on the resource.
 */

/** The call must put the owner's tag on what it makes. */
export const TAGGED_IN_REQUEST = { Null: { [`aws:RequestTag/${TAG.uid}`]: "false" } };

/** The resource must have an owner's tag. */
export const TAGGED_AS_OURS = { Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" } };

/** Only our own keys, and only on what has lost its owner's tag: never on what has an owner, ours or another's. */
export const TAGS_THAT_WERE_LOST = {
  "ForAllValues:StringLike": {
    "aws:TagKeys": ["Name", "holdfast:*", "kubernetes.io/cluster/*", "node.k8s.amazonaws.com/no_manage"],
  },
  Null: { [`aws:ResourceTag/${TAG.uid}`]: "true", [`aws:RequestTag/${TAG.uid}`]: "false" },
};
