/* words.h - what single words mean. The words are data (words_table.c); a word may have several
 * senses, and only the grammar decides which one holds. Mistyped words are matched against those
 * rows that are marked for it, within a small edit distance. */
#ifndef TH_DATE_WORDS_H
#define TH_DATE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define TH_WORD_MAX 20 /* letters; longer ones mean nothing here */

typedef enum th_sense {
    TH_SENSE_MONTH,    /* 1..12 */
    TH_SENSE_WEEKDAY,  /* 1 = Monday ... 7 */
    TH_SENSE_WEEKDAYS, /* "mondays" */
    TH_SENSE_COUNT,    /* one, twenty, hundred: the number */
    TH_SENSE_ORDINAL,  /* first, thirtieth: the number; -1 = last, -2 = the one before */
    TH_SENSE_SUFFIX,   /* st, nd, rd, th */
    TH_SENSE_UNIT,     /* th_unit_t */
    TH_SENSE_DAY,      /* today 0, tomorrow 1, yesterday -1 */
    TH_SENSE_WHICH,    /* th_which_t */
    TH_SENSE_EDGE,     /* th_edge_t */
    TH_SENSE_PART,     /* th_part_t */
    TH_SENSE_MERIDIEM, /* 0 = am, 1 = pm */
    TH_SENSE_LIMIT,    /* EOD, COB, EOW ...: th_limit_t */
    TH_SENSE_HOLIDAY,  /* th_holiday_t */
    TH_SENSE_KEY,      /* th_key_t: words of the grammar */
    TH_SENSE_TAKER,    /* room, version: the number behind it is no date */
} th_sense_t;

typedef enum th_unit {
    TH_UNIT_SECOND,
    TH_UNIT_MINUTE,
    TH_UNIT_HOUR,
    TH_UNIT_DAY,
    TH_UNIT_WORKDAY,
    TH_UNIT_WEEK,
    TH_UNIT_FORTNIGHT,
    TH_UNIT_MONTH,
    TH_UNIT_QUARTER,
    TH_UNIT_YEAR,
    TH_UNIT_DECADE,
    TH_UNIT_WEEKEND,
} th_unit_t;

typedef enum th_which {
    TH_WHICH_NONE,
    TH_WHICH_THIS,
    TH_WHICH_NEXT,
    TH_WHICH_LAST,
    TH_WHICH_COMING,
    TH_WHICH_AFTER_NEXT,
    TH_WHICH_BEFORE_LAST,
} th_which_t;

typedef enum th_edge {
    TH_EDGE_START,
    TH_EDGE_MIDDLE,
    TH_EDGE_END,
    TH_EDGE_EARLY,
    TH_EDGE_LATE,
    TH_EDGE_LATER, /* late, but not behind today: "later this month" */
} th_edge_t;

typedef enum th_part {
    TH_PART_NONE,
    TH_PART_MORNING,
    TH_PART_NOON,
    TH_PART_AFTERNOON,
    TH_PART_EVENING,
    TH_PART_NIGHT,
    TH_PART_MIDNIGHT,
    TH_PART_LUNCH,
    TH_PART_END_OF_DAY,
    TH_PART_CLOSE,
    TH_PART_START_OF_DAY,
    TH_PART_SAME, /* the time of day that it is now */
} th_part_t;

typedef enum th_limit {
    TH_LIMIT_DAY,
    TH_LIMIT_CLOSE,
    TH_LIMIT_WEEK,
    TH_LIMIT_MONTH,
    TH_LIMIT_QUARTER,
    TH_LIMIT_YEAR,
    TH_LIMIT_START,
} th_limit_t;

typedef enum th_holiday {
    TH_HOLIDAY_CHRISTMAS,
    TH_HOLIDAY_EASTER,
    TH_HOLIDAY_THANKSGIVING,
    TH_HOLIDAY_HALLOWEEN,
    TH_HOLIDAY_VALENTINE,
    TH_HOLIDAY_NEW_YEAR,
    TH_HOLIDAY_CHRISTMAS_EVE,
    TH_HOLIDAY_NEW_YEARS_EVE,
    TH_HOLIDAY_BOXING_DAY,
    TH_HOLIDAY_GOOD_FRIDAY,
    TH_HOLIDAY_EASTER_MONDAY,
    TH_HOLIDAY_LABOR_DAY,
    TH_HOLIDAY_MEMORIAL_DAY,
    TH_HOLIDAY_BLACK_FRIDAY,
    TH_HOLIDAY_INDEPENDENCE_DAY,
    TH_HOLIDAY_MAY_DAY,
} th_holiday_t;

typedef enum th_key {
    TH_KEY_NONE,
    TH_KEY_A,
    TH_KEY_ABOUT,
    TH_KEY_AFTER,
    TH_KEY_AGO,
    TH_KEY_ALL,
    TH_KEY_AND,
    TH_KEY_ANY,
    TH_KEY_AROUND,
    TH_KEY_AS,
    TH_KEY_AT,
    TH_KEY_BEFORE,
    TH_KEY_BETWEEN,
    TH_KEY_BUSINESS,
    TH_KEY_BY,
    TH_KEY_CALENDAR,
    TH_KEY_CLOSE,
    TH_KEY_COMMENCING,
    TH_KEY_COUPLE,
    TH_KEY_DATE,
    TH_KEY_DEADLINE,
    TH_KEY_DOZEN,
    TH_KEY_DUE,
    TH_KEY_DURING,
    TH_KEY_EVERY,
    TH_KEY_FEW,
    TH_KEY_FISCAL,
    TH_KEY_FOR,
    TH_KEY_FROM,
    TH_KEY_FY,
    TH_KEY_HALF,
    TH_KEY_HENCE,
    TH_KEY_IN,
    TH_KEY_JUST,
    TH_KEY_LATER,
    TH_KEY_LATEST,
    TH_KEY_M,
    TH_KEY_NEW,
    TH_KEY_NO,
    TH_KEY_NOT,
    TH_KEY_NOW,
    TH_KEY_OCLOCK,
    TH_KEY_OF,
    TH_KEY_ON,
    TH_KEY_OR,
    TH_KEY_OVER,
    TH_KEY_P,
    TH_KEY_PAST,
    TH_KEY_PLAY,
    TH_KEY_PRIOR,
    TH_KEY_Q,
    TH_KEY_RIGHT,
    TH_KEY_S,
    TH_KEY_SEVERAL,
    TH_KEY_SHARP,
    TH_KEY_SINCE,
    TH_KEY_STARTING,
    TH_KEY_THAN,
    TH_KEY_THE,
    TH_KEY_THING,
    TH_KEY_THROUGH,
    TH_KEY_TIME,
    TH_KEY_TO,
    TH_KEY_TONIGHT,
    TH_KEY_UNTIL,
    TH_KEY_WITHIN,
    TH_KEY_Z,
    TH_KEY_SAME,
    TH_KEY_C,
    TH_KEY_WC,
    TH_KEY_CW,
    TH_KEY_DAYLIGHT,
    TH_KEY_STANDARD,
    TH_KEY_LOCAL,
    TH_KEY_PLAIN, /* begins a phrase, known by its text */
} th_key_t;

enum {
    TH_WORD_TYPO = 1, /* a mistyped word may mean this row */
    TH_WORD_MORE = 4, /* the next row is another sense of the same text */
    TH_WORD_NAME = 2, /* alone it is a date only with a capital: "May", "Sun" */
};

typedef struct th_word {
    const char *text; /* lower case */
    unsigned char sense, flags;
    short value;
} th_word_t;

/* Sorted by text; rows of one text are adjacent. */
extern const th_word_t th_words[];
extern const size_t th_word_count;
/* th_words from [initial - 'a'] to [initial - 'a' + 1] begin with that letter. */
extern const unsigned short th_word_initials[27];

/* The first row of <text> (lower case, NUL-terminated), or NULL. The next rows of the same text are
 * its other senses. */
const th_word_t *th_word_find(const char *text);
/* The row that <text> is a likely misspelling of, or NULL. */
const th_word_t *th_word_find_near(const char *text, size_t length);

#endif
