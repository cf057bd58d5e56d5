package dev.pinnace.linux.plan;

import dev.pinnace.linux.Errno;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A plan as text, one line a step. */
final class PlanRendering {
  private PlanRendering() {}

  static String render(Map<Section, List<Step>> sections, SupervisorPolicy policy) {
    StringBuilder text = new StringBuilder("policy ").append(policy.render()).append('\n');
    int number = 0;
    for (Section section : Section.values()) {
      List<Step> steps = sections.getOrDefault(section, List.of());
      if (!steps.isEmpty()) {
        text.append('\n').append(section.title()).append('\n');
      }
      for (Step step : steps) {
        text.append(String.format("%4d  %s%n", number++, line(step)));
      }
    }
    return text.toString();
  }

  private static String line(Step step) {
    StringBuilder line = new StringBuilder();
    if (step.guard() != null) {
      line.append(step.whenVoid() ? "unless " : "when ").append(step.guard().render()).append(": ");
    }
    if (step.to() != null) {
      line.append(step.to().render()).append(" = ");
    }
    line.append(step.call() == null ? step.operation().title() : step.call().call());
    line.append(
        step.operands().stream().map(Operand::render).collect(Collectors.joining(", ", "(", ")")));
    if (!step.tolerated().isEmpty()) {
      line.append(" or ")
          .append(step.tolerated().stream().map(Errno::name).collect(Collectors.joining(", ")));
    }
    return line + "   # " + step.sentence();
  }
}
