#ifndef VISIT_H
#define VISIT_H

#include "../calls.h"
#include "../machine.h"

void visit(const struct plan *plan);

#endif
