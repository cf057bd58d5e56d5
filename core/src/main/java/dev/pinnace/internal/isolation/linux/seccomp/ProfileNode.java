package dev.pinnace.internal.isolation.linux.seccomp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.InvalidSpecException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A value of a profile and where it stands, so that every complaint names the place. {@code null}
 * counts as absent.
 *
 * @param path such as {@code syscalls[3].args[0]}; empty for the document
 */
record ProfileNode(JsonNode node, String path) {
  private static final BigInteger MAX_UNSIGNED =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  InvalidSpecException complaint(String what) {
    return new InvalidSpecException(
        "seccomp profile" + (path.isEmpty() ? "" : ", " + path) + ": " + what);
  }

  /** Refuses what is no object, and fields that are not among the known ones. */
  ProfileNode object(Set<String> known) {
    if (!node.isObject()) {
      throw complaint("an object is needed, not " + shown());
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw complaint("unknown field \"" + name + "\"; known are " + String.join(", ", known));
      }
    }
    return this;
  }

  Optional<ProfileNode> field(String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull()
        ? Optional.empty()
        : Optional.of(new ProfileNode(value, path.isEmpty() ? name : path + "." + name));
  }

  ProfileNode required(String name) {
    return field(name).orElseThrow(() -> complaint("\"" + name + "\" is missing"));
  }

  List<ProfileNode> elements() {
    if (!node.isArray()) {
      throw complaint("an array is needed, not " + shown());
    }
    List<ProfileNode> elements = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      elements.add(new ProfileNode(node.get(i), path + "[" + i + "]"));
    }
    return elements;
  }

  List<ProfileNode> elements(String name) {
    return field(name).map(ProfileNode::elements).orElse(List.of());
  }

  List<String> texts(String name) {
    return elements(name).stream().map(ProfileNode::text).toList();
  }

  String text() {
    if (!node.isTextual()) {
      throw complaint("a string is needed, not " + shown());
    }
    return node.textValue();
  }

  int integer(int most) {
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < 0
        || node.intValue() > most) {
      throw complaint("a number from 0 to " + most + " is needed, not " + shown());
    }
    return node.intValue();
  }

  /** 64 bits without sign. */
  long unsigned() {
    if (!node.isIntegralNumber()
        || node.bigIntegerValue().signum() < 0
        || node.bigIntegerValue().compareTo(MAX_UNSIGNED) > 0) {
      throw complaint("a number from 0 to 2^64-1 is needed, not " + shown());
    }
    return node.bigIntegerValue().longValue();
  }

  String shown() {
    String text = node.toString();
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }
}
