export default { name: "wrong-export", objective: () => 1 };
