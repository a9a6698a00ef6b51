// Says what a JSON file lacks of a schema of Microsoft's: node validate.cjs SCHEMA FILE
const fs = require("fs");
const Ajv = require("ajv-draft-04");

const [schema, file] = process.argv.slice(2).map((name) => JSON.parse(fs.readFileSync(name, "utf8")));
// Some of Microsoft's patterns are not valid as Unicode ones.
const ajv = new Ajv({ allErrors: true, strictTypes: false, unicodeRegExp: false });
require("ajv-formats")(ajv, ["uri", "email", "regex"]);
const validate = ajv.compile(schema);
validate(file);
for (const error of validate.errors || []) console.log(error.instancePath, error.message);
