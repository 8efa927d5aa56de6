delete from job where kind = 'run_import';
drop table import_mapping, import_key, import_row, import;
