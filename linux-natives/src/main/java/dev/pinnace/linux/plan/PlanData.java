package dev.pinnace.linux.plan;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The constants and the scratch image of a plan under construction. */
final class PlanData {
  private static final int SHOWN = 60;
  private static final int LISTED = 20;

  private final ByteArrayOutputStream blob = new ByteArrayOutputStream();
  private final ByteArrayOutputStream scratch = new ByteArrayOutputStream();
  private final Map<String, Operand.Blob> texts = new HashMap<>();

  Operand.Blob text(String text) {
    return texts.computeIfAbsent(text, this::newText);
  }

  /**
   * Like {@link #text}, but the extent leaves the NUL out: bytes to write, not a string to pass.
   */
  Operand.Blob rawText(String text) {
    Operand.Blob whole = text(text);
    return new Operand.Blob(whole.offset(), whole.extent() - 1, whole.label());
  }

  private Operand.Blob newText(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a string of a plan must not hold a NUL");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int offset = blob.size();
    blob.writeBytes(bytes);
    blob.write(0);
    return new Operand.Blob(offset, bytes.length + 1, quote(text));
  }

  Operand.Blob bytes(byte[] bytes, String label) {
    align(blob, 8);
    int offset = blob.size();
    blob.writeBytes(bytes);
    return new Operand.Blob(offset, bytes.length, label);
  }

  Operand.Scratch scratch(byte[] image, String label) {
    align(scratch, 8);
    int offset = scratch.size();
    scratch.writeBytes(image);
    return new Operand.Scratch(offset, image.length, label);
  }

  /** Strings that follow each other, each with its NUL. */
  Operand.Blob texts(List<String> texts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String text : texts) {
      if (text.isEmpty() || text.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a path of a plan is not empty and holds no NUL");
      }
      all.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      all.write(0);
    }
    return bytes(all.toByteArray(), list(texts));
  }

  private static String list(List<String> texts) {
    String shown =
        texts.stream().limit(LISTED).map(PlanData::quote).collect(Collectors.joining(", "));
    return texts.size() <= LISTED
        ? "[" + shown + "]"
        : "[" + shown + ", /* " + (texts.size() - LISTED) + " more */]";
  }

  Operand.Blob exec(List<String> candidates, List<String> arguments, List<String> environment) {
    PlanEncoder.checkProgram(candidates.size(), arguments.size() + environment.size());
    int count = candidates.size() + arguments.size() + environment.size();
    ByteBuffer list = ByteBuffer.allocate(4 * (3 + count)).order(ByteOrder.LITTLE_ENDIAN);
    list.putInt(candidates.size()).putInt(arguments.size()).putInt(environment.size());
    for (List<String> strings : List.of(candidates, arguments, environment)) {
      strings.forEach(s -> list.putInt(text(s).offset()));
    }
    String label =
        String.join(":", candidates)
            + " "
            + arguments.stream().map(PlanData::quote).toList()
            + " /* "
            + environment.size()
            + " variables */";
    return bytes(list.array(), label);
  }

  /** A copy of the constants so far, ended by a NUL, in whole words. */
  byte[] blob() {
    return words(blob, 1);
  }

  /** A copy of the scratch's image so far, in whole words. */
  byte[] scratch() {
    return words(scratch, 0);
  }

  private static byte[] words(ByteArrayOutputStream bytes, int more) {
    return Arrays.copyOf(bytes.toByteArray(), (bytes.size() + more + 7) & ~7);
  }

  private static void align(ByteArrayOutputStream out, int to) {
    while (out.size() % to != 0) {
      out.write(0);
    }
  }

  static String quote(String text) {
    String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return "\"" + shown.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
