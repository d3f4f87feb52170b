// The official openai client for JavaScript: what each use of it gave, as JSON.
// Called with the gateway's URL; the key is in NOVA_KEY.
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const model = "gpt-4o-mini";
const messages = [{ role: "user", content: "Hello!" }];
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather in a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const asked = [{ role: "user", content: "The weather in Paris?" }];
const options = { baseURL: `${process.argv[2]}/v1`, maxRetries: 0 };
const client = new OpenAI({ ...options, apiKey: process.env.NOVA_KEY });

async function failure(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    return { error: error.constructor.name, status: error.status ?? null };
  }
  return { error: null };
}

const checks = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages });
    return {
      text: answer.choices[0].message.content,
      finish: answer.choices[0].finish_reason,
      input_tokens: answer.usage.prompt_tokens,
      output_tokens: answer.usage.completion_tokens,
    };
  },
  async stream() {
    const chunks = [];
    const events = await client.chat.completions.create({
      model, messages, stream: true, stream_options: { include_usage: true },
    });
    for await (const chunk of events) chunks.push(chunk);
    return {
      text: chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join(""),
      pieces: chunks.length,
      output_tokens: chunks.at(-1).usage.completion_tokens,
    };
  },
  async tools() {
    const answer = await client.chat.completions.create({ model, messages: asked, tools: [weather] });
    const { message } = answer.choices[0];
    const [call] = message.tool_calls;
    const told = { role: "tool", tool_call_id: call.id, content: "sunny" };
    const again = await client.chat.completions.create({
      model, messages: [...asked, message, told], tools: [weather],
    });
    return {
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
      then: again.choices[0].message.content,
    };
  },
  async tools_stream() {
    const runner = client.chat.completions.stream({ model, messages: asked, tools: [weather] });
    const { message } = (await runner.finalChatCompletion()).choices[0];
    const [call] = message.tool_calls;
    return { name: call.function.name, arguments: JSON.parse(call.function.arguments) };
  },
  async json_schema() {
    const answer = await client.chat.completions.parse({
      model, messages, response_format: zodResponseFormat(z.object({ name: z.string() }), "city"),
    });
    return { value: answer.choices[0].message.parsed };
  },
  async embeddings() {
    const input = ["a cat", "a dog"];
    const { data } = await client.embeddings.create({ model: "text-embedding-3-small", input });
    return { count: data.length, dimensions: data[0].embedding.length };
  },
  async models() {
    const ids = [];
    for await (const entry of client.models.list()) ids.push(entry.id);
    return { ids, one: (await client.models.retrieve(model)).id };
  },
  unknown_model: () =>
    failure(() => client.chat.completions.create({ model: "groq/no-such-model", messages })),
  wrong_key: () => failure(() => new OpenAI({ ...options, apiKey: "sk-nova-wrong" }).models.list()),
  limited: () => failure(() => client.chat.completions.create({ model: "error-429", messages })),
};

const found = {};
for (const [name, check] of Object.entries(checks)) found[name] = await check();
console.log(JSON.stringify(found));
