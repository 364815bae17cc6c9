throw new Error("the file had a bad day");
