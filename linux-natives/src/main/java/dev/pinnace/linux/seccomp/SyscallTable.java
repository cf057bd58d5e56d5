package dev.pinnace.linux.seccomp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The system calls of one ABI, names and numbers, as Linux 6.18 has them. Numbers of x32 are
 * without {@link Abi#X32_BIT}. Immutable.
 */
public final class SyscallTable {
  private static final String RESOURCE = "syscalls.txt";
  private static final Map<Abi, SyscallTable> TABLES = read();

  private final Map<String, Integer> numbers;
  private final SortedMap<Integer, String> names;

  private SyscallTable(Map<String, Integer> numbers) {
    this.numbers = Collections.unmodifiableMap(numbers);
    SortedMap<Integer, String> byNumber = new TreeMap<>();
    new TreeMap<>(numbers).forEach((name, number) -> byNumber.putIfAbsent(number, name));
    this.names = Collections.unmodifiableSortedMap(byNumber);
  }

  /** The table of an ABI. */
  public static SyscallTable of(Abi abi) {
    return Objects.requireNonNull(TABLES.get(abi));
  }

  /** The number of a call; empty where the ABI has no call of that name. */
  public OptionalInt number(String name) {
    Integer number = numbers.get(name);
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /** The name of a number; where two names share one, the first in the alphabet. */
  public Optional<String> name(int number) {
    return Optional.ofNullable(names.get(number));
  }

  /** Every name of the ABI. */
  public Set<String> names() {
    return numbers.keySet();
  }

  /** Names by number, ascending. */
  public SortedMap<Integer, String> byNumber() {
    return names;
  }

  /** Whether any ABI has a call of that name. */
  public static boolean isKnown(String name) {
    return TABLES.values().stream().anyMatch(table -> table.numbers.containsKey(name));
  }

  private static Map<Abi, SyscallTable> read() {
    Map<Abi, Map<String, Integer>> columns = new EnumMap<>(Abi.class);
    try (InputStream in = SyscallTable.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            "the resource " + RESOURCE + " is missing beside " + SyscallTable.class.getName());
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      List<Abi> order = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("#")) {
          continue;
        }
        String[] fields = line.split(" ", -1);
        if (order.isEmpty()) {
          for (int i = 1; i < fields.length; i++) {
            Abi abi = labelled(fields[i]);
            order.add(abi);
            columns.put(abi, new HashMap<>());
          }
          continue;
        }
        for (int i = 1; i < fields.length; i++) {
          if (!fields[i].equals("-")) {
            Objects.requireNonNull(columns.get(order.get(i - 1)))
                .put(fields[0], Integer.parseInt(fields[i]));
          }
        }
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    Map<Abi, SyscallTable> tables = new EnumMap<>(Abi.class);
    columns.forEach((abi, numbers) -> tables.put(abi, new SyscallTable(numbers)));
    return tables;
  }

  private static Abi labelled(String label) {
    for (Abi abi : Abi.values()) {
      if (abi.label().equals(label)) {
        return abi;
      }
    }
    throw new IllegalStateException("unknown column " + label + " in " + RESOURCE);
  }
}
