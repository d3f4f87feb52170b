// The Vercel AI SDK with @ai-sdk/openai-compatible: what each use of it gave, as JSON.
// Called with the gateway's URL; the key is in NOVA_KEY.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const nova = createOpenAICompatible({
  name: "nova",
  baseURL: `${process.argv[2]}/v1`,
  apiKey: process.env.NOVA_KEY,
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const model = nova("gpt-4o-mini");
const calls = [];
const tools = {
  get_weather: tool({
    description: "The weather in a city",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      calls.push(city);
      return `sunny in ${city}`;
    },
  }),
};

const checks = {
  async chat() {
    const answer = await generateText({ model, prompt: "Hello!", maxRetries: 0 });
    return {
      text: answer.text,
      finish: answer.finishReason,
      input_tokens: answer.usage.inputTokens,
      output_tokens: answer.usage.outputTokens,
    };
  },
  async stream() {
    const answer = streamText({ model, prompt: "Hello!", maxRetries: 0 });
    const pieces = [];
    for await (const piece of answer.textStream) pieces.push(piece);
    return {
      text: pieces.join(""),
      pieces: pieces.length,
      output_tokens: (await answer.usage).outputTokens,
    };
  },
  async tools() {
    const prompt = "The weather in Paris?";
    const answer = await generateText({ model, prompt, tools, stopWhen: stepCountIs(3), maxRetries: 0 });
    return { name: "get_weather", arguments: { city: calls.at(-1) }, then: answer.text };
  },
  async tools_stream() {
    const answer = streamText({ model, prompt: "The weather in Paris?", tools, maxRetries: 0 });
    const [call] = await answer.toolCalls;
    return { name: call.toolName, arguments: call.input };
  },
  async json_schema() {
    const schema = z.object({ name: z.string() });
    const { object } = await generateObject({ model, schema, prompt: "Hello!", maxRetries: 0 });
    return { value: object };
  },
  async embeddings() {
    const { embeddings } = await embedMany({
      model: nova.textEmbeddingModel("text-embedding-3-small"),
      values: ["a cat", "a dog"],
    });
    return { count: embeddings.length, dimensions: embeddings[0].length };
  },
  async limited() {
    try {
      await generateText({ model: nova("error-429"), prompt: "Hello!", maxRetries: 0 });
    } catch (error) {
      if (!APICallError.isInstance(error)) throw error;
      return { error: error.name, status: error.statusCode };
    }
    return { error: null };
  },
};

const found = {};
for (const [name, check] of Object.entries(checks)) found[name] = await check();
console.log(JSON.stringify(found));
