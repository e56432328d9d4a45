"""Extensions, and text search that knows Italian and English at once, without accents."""

from django.db import migrations

CREATE = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TEXT SEARCH CONFIGURATION public.sportello_it (COPY = pg_catalog.italian);
ALTER TEXT SEARCH CONFIGURATION public.sportello_it
  ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH unaccent, italian_stem;
CREATE TEXT SEARCH CONFIGURATION public.sportello_en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION public.sportello_en
  ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH unaccent, english_stem;
CREATE FUNCTION public.sportello_search(subject text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('public.sportello_it'::regconfig, left(subject, 2000)), 'A')
      || setweight(to_tsvector('public.sportello_en'::regconfig, left(subject, 2000)), 'A')
      || to_tsvector('public.sportello_it'::regconfig, left(body, 60000))
      || to_tsvector('public.sportello_en'::regconfig, left(body, 60000))
$$;
CREATE FUNCTION public.sportello_query(words text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT websearch_to_tsquery('public.sportello_it'::regconfig, words)
      || websearch_to_tsquery('public.sportello_en'::regconfig, words)
$$;
CREATE FUNCTION public.sportello_sort(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT lower(public.unaccent('public.unaccent', words)) $$;
"""

DROP = """
DROP FUNCTION public.sportello_sort(text);
DROP FUNCTION public.sportello_query(text);
DROP FUNCTION public.sportello_search(text, text);
DROP TEXT SEARCH CONFIGURATION public.sportello_en;
DROP TEXT SEARCH CONFIGURATION public.sportello_it;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(CREATE, DROP)]
