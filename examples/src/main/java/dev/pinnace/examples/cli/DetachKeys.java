package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Keys that leave a container alone when they are typed one after the other. They are held back for
 * as long as they may become that. Not thread-safe.
 */
final class DetachKeys {
  /** Those of Docker. */
  static final String USUAL = "ctrl-p,ctrl-q";

  private static final String CONTROL = "ctrl-";
  private static final String AFTER_Z = "[\\]^_";

  private final byte[] keys;
  private int typed;

  private DetachKeys(byte[] keys) {
    this.keys = keys;
  }

  /**
   * Keys as Docker writes them; none stands for the usual ones.
   *
   * @throws InvalidSpecException if {@code text} is no list of characters and {@code ctrl-X}
   */
  static DetachKeys parse(String text) {
    if (text.isEmpty()) {
      return parse(USUAL);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String key : text.split(",", -1)) {
      bytes.write(code(key, text));
    }
    return new DetachKeys(bytes.toByteArray());
  }

  private static int code(String key, String text) {
    if (key.length() == 1 && key.charAt(0) < 0x80) {
      return key.charAt(0);
    }
    if (key.startsWith(CONTROL) && key.length() == CONTROL.length() + 1) {
      char of = key.charAt(CONTROL.length());
      if (of == '@' || (of >= 'a' && of <= 'z')) {
        return of == '@' ? 0 : of - 'a' + 1;
      }
      if (AFTER_Z.indexOf(of) >= 0) {
        return 'z' - 'a' + 2 + AFTER_Z.indexOf(of);
      }
    }
    throw new InvalidSpecException(
        "--detach-keys "
            + text
            + ": \""
            + key
            + "\" is no key: write letters, or ctrl- and one of a-z, @ [ \\ ] ^ _, with commas"
            + " between them");
  }

  /**
   * What of the next bytes is for the container.
   *
   * @param passed takes it
   * @return whether the keys were typed; what comes after them is dropped
   */
  boolean pass(byte[] bytes, int count, ByteArrayOutputStream passed) {
    for (int i = 0; i < count; i++) {
      while (typed > 0 && bytes[i] != keys[typed]) {
        int rest = border();
        passed.write(keys, 0, typed - rest);
        typed = rest;
      }
      if (bytes[i] != keys[typed]) {
        passed.write(bytes[i]);
      } else if (++typed == keys.length) {
        typed = 0;
        return true;
      }
    }
    return false;
  }

  /** How many of the last typed keys may be the first ones of another try. */
  private int border() {
    int length = typed - 1;
    while (!Arrays.equals(keys, 0, length, keys, typed - length, typed)) {
      length--;
    }
    return length;
  }

  @Override
  public String toString() {
    return Arrays.toString(keys);
  }
}
