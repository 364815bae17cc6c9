import { describeStorage } from "../../src/testing/storage-contract.ts";
import { openMemory, openSqliteFile, openTwoConnections } from "./opened.ts";

describeStorage({ name: "memory", open: openMemory });
describeStorage({ name: "SQLite file", open: openSqliteFile });
describeStorage({ name: "SQLite file through two connections", open: openTwoConnections });
