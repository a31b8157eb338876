#include "nns.h"
