"""What can be wrong with a file that is imported: a code, and the sentence in English."""

from knowledge import yaml_source

AS_UTF_8 = "save the file as UTF-8 (in Excel: CSV UTF-8)"
SENTENCES = yaml_source.SENTENCES | {
    # the file
    "file_empty": "The file is empty.",
    "too_much": "This holds more than {files} files or is larger than {most} MiB;"
    " import a part of it.",
    "too_many_rows": "More than {most} rows; split the file.",
    "too_many_columns": "More than {most} columns; remove some,"
    " or use the delimiter of the header throughout.",
    "too_many_entries": "{count} entries; at most {most} are read at once. Split the file.",
    "nothing_found": "There is no question with an answer in this file.",
    "old_office": "This is an old .xls, or locked with a password; save it as .xlsx without one.",
    "other_kind": "This kind of file is not read;"
    " give CSV, TSV, XLSX, YAML, JSON or a ZIP of them.",
    "locked": "This is locked with a password; save it without one.",
    "zip_damaged": "This ZIP, or this file in it, is damaged; make it again.",
    "zip_in_zip": "A ZIP inside a ZIP is not read; unpack it first.",
    "workbook_damaged": "This workbook is damaged;"
    " open it in a spreadsheet program and save it again.",
    "encoding_damaged": f"The file looks like {{encoding}} but is damaged here; {AS_UTF_8}.",
    "encoding_unknown": "The encoding is neither UTF-8 nor GB18030, perhaps {encoding};"
    f" {AS_UTF_8}.",
    "no_text": f"There is a character here that is no text; {AS_UTF_8}.",
    "no_json": "This is not valid JSON: {detail} in column {column}.",
    "json_nested": "This JSON is nested too deep, or a number is too long.",
    "other_json": "This JSON has neither qnaDocuments nor value;"
    " download the knowledge base again.",
    "other_yaml": "This YAML is neither a list of entries nor Rasa's nlu, responses or rules.",
    "no_header": "The first row names no columns Question and Answer (or 问题 and 答案); add it.",
    "sheet_left": "This sheet is left out: its first row names no columns Question and Answer"
    " (or 问题 and 答案); remove what stands above them.",
    "quotes": "The quotes do not match from here on ({detail}); double the quotes inside a cell.",
    "only_entries": "Only entries are imported;"
    " policy, messages and the rest are left as they are.",
    "no_pairs": "Unstructured text is no question with an answer; it is left out.",
    # rows and cells
    "column_missing": "The column {column} is missing; export again and change that file.",
    "columns_left": "Columns that an entry has no place for: {columns}.",
    "extra_cells": "{cells} cells under {columns} columns; remove the extra delimiter,"
    " or put the text around it in quotes.",
    "cell_empty": "column {column} is empty; write it or remove the row.",
    "cell_error": "column {column} shows the error {text}; mend its formula, or write the text.",
    "not_calculated": "column {column} holds a formula that was never calculated;"
    " save the file in a spreadsheet program first.",
    "number_format": "column {column}: how the number format {text} shows this is not known here;"
    " the number is taken as it is. Write it as text.",
    "text_long": "column {column}: {count} characters; {most} are read. Shorten it.",
    "says_otherwise": "column {column} says something else than row {row} of the same entry;"
    " keep one of them.",
    "answer_differs": "column Answer differs from row {row} of the same QnaId; keep one.",
    "other_answer": "Another answer in {language} stands in row {row}; keep one of them.",
    "same_entry": "This and row {row} are both the entry {entry}; give them one answer,"
    " or other ids.",
    "shows_nothing": "column answer shows nothing once it is Markdown; write it.",
    "never_asked": "This pair cannot be asked for: every question of it belongs to another entry"
    " already; reword one.",
    "asked_in_row": 'The question "{question}" belongs to row {row} already; it is left out.',
    "asked_in_entry": 'The question "{question}" belongs to the entry {other} already;'
    " it is left out.",
    "policy_values": "The answer of {entry} in {language} has values of the policy;"
    " this fixed text takes its place.",
    "link_https": "answer: the link {link} was made https; try it.",
    "link_out": "answer: the link {link} was taken out, its words stay.",
    "link_shown": "answer: a link or HTML that could not be made safe is shown as plain text.",
    # QnA Maker and Custom Question Answering
    "no_questions_list": "questions must be a list of texts.",
    "cell_json": "column {column}: this is not valid JSON: {text}.",
    "metadata": "column {column}: this is no metadata; write key:value.",
    "metadata_key": "column {column}: the key {name} may have letters, digits and _ only.",
    "metadata_value": "column {column}: the key {name} has no value; write {name}:value.",
    "metadata_mark": "column {column}: the value {value} of the key {name} may have no : or |"
    " and 500 characters at most.",
    "metadata_left": "Metadata that an entry has no place for: {names};"
    " an import in the browser keeps it for an export back.",
    "prompts": "column {column}: this is no list of prompts.",
    "prompt_id": "column {column}: the prompt {prompt} has no QnaId.",
    "prompt_nowhere": "column Prompts: a prompt leads to {prompt}, which is not in the file;"
    " add that pair or remove the prompt.",
    "suggestions": "column {column}: this is no list of suggested questions.",
    "context_only": "This was for its prompt alone; here it can be asked for directly, too.",
    "prompt_nested": "An answer written inside a prompt is not read; give it its own row.",
    "synonym_quotes": 'The quotes do not match; write "sdk","kit".',
    "synonym_alone": "A synonym stands alone here; write the words that mean the same.",
    "synonyms_unused": "No question says any of these synonyms: {words}. They are not kept.",
    "prompt_label": 'The prompt "{label}" shows the title of {entry} here;'
    " add it there as a question if customers say so.",
    "default_answer": 'The answer for no match, "{answer}", is not imported; see messages.yaml.',
    # Rasa
    "intent_unanswered": "the intent {intent} has no response utter_{intent};"
    " add it, or remove the intent.",
    "response_unused": "{response} answers no intent here; it is left out.",
    "response_empty": "{response} has no text; write - text: ...",
    "response_many": "{response} has {count} texts; the first is taken, an answer here has one.",
    "response_slot": "{response} has {slot}, which is not filled here; change the answer.",
    "rasa_alone": "{kind} is for Rasa's own understanding; it is left out.",
}
