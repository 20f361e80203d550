#pragma once
// Only the application library: the stdio wrapper (fcgi_stdio.h) redefines FILE and is not thread-safe.
#include <fcgiapp.h>
#include "linux.h"
