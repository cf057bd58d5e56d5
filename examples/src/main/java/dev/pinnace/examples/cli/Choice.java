package dev.pinnace.examples.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.TypeConversionException;

/** Values of a flag that are the constants of an enum, in lower case. */
final class Choice {
  private Choice() {}

  /**
   * The constant that {@code word} names, in whichever case.
   *
   * @throws TypeConversionException if there is none
   */
  static <E extends Enum<E>> E of(Class<E> choices, String word) {
    return Arrays.stream(choices.getEnumConstants())
        .filter(choice -> choice.name().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "\"" + word + "\" is none of " + String.join(", ", words(choices))));
  }

  private static <E extends Enum<E>> Iterable<String> words(Class<E> choices) {
    return Arrays.stream(choices.getEnumConstants())
        .map(choice -> choice.name().toLowerCase(Locale.ROOT))
        .sorted()
        .collect(Collectors.toList());
  }
}
