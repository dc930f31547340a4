package diff

// smallContract has a place for every kind of mutation, so that each is tried
// where the real contracts are not at hand.
const smallContract = `
openapi: 3.0.3
info: {title: Orders, version: "1"}
servers: [{url: "https://api.acme.dev/v1"}, {url: "https://eu.acme.dev/v1"}]
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [orders]
      security: [{key: []}, {login: ["orders:read"]}]
      parameters:
        - {name: limit, in: query, schema: {type: integer, format: int64, maximum: 50}}
        - {name: states, in: query, style: form, explode: true, schema: {type: array, items: {type: string}}}
        - {name: region, in: query, required: true, schema: {type: string}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {$ref: "#/components/parameters/Page"}
      responses:
        "200":
          description: orders
          headers:
            X-Next: {required: true, schema: {type: string}}
            X-Total: {schema: {type: integer}}
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}
            application/xml: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}
          links:
            next: {operationId: listOrders, parameters: {limit: "$response.body#/0/id"}}
        "404": {$ref: "#/components/responses/Missing"}
        "409": {description: conflict}
    post:
      operationId: createOrder
      tags: [orders]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Order"}}
          application/xml: {schema: {$ref: "#/components/schemas/Order"}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "202": {description: later}
      callbacks:
        shipped:
          "{$request.body#/url}":
            post:
              requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Event"}}}}
              responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Answer"}}}}}
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, minLength: 4, maxLength: 40}}
    get:
      operationId: getOrder
      tags: [orders]
      parameters: [{$ref: "#/components/parameters/Page"}]
      responses:
        "200": {description: order, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "404": {$ref: "#/components/responses/Missing"}
    patch:
      operationId: changeOrder
      tags: [orders]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Wish"}}}
      responses: {"204": {description: changed}}
  /payments/{id}:
    put:
      operationId: pay
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: dry, in: query, schema: {type: boolean}}
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}
      responses:
        "200": {description: paid, content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://acme.dev/token", scopes: {"orders:read": read}}}}
  parameters:
    Page: {name: page, in: query, schema: {type: integer, minimum: 1}}
  responses:
    Missing: {description: missing, content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}}
  schemas:
    Problem: {type: object, properties: {message: {type: string}, code: {type: string, enum: [a, b, c]}}, required: [message]}
    Event: {type: object, properties: {order: {$ref: "#/components/schemas/Order"}, at: {type: string, format: date-time}}, required: [at]}
    Wish: {type: object, properties: {speed: {type: string}, reason: {type: string}, gate: {type: integer}}, required: [speed, gate]}
    Answer: {type: object, properties: {seen: {type: boolean}}}
    Order:
      type: object
      required: [id, total]
      properties:
        id: {type: string, readOnly: true}
        total: {type: integer}
        weight: {type: number}
        note: {type: string}
        gift: {type: boolean}
        size: {type: integer, format: int64, minimum: 1, maximum: 100}
        name: {type: string, maxLength: 20}
        made: {type: string, format: date-time}
        state: {type: string, enum: [new, paid, sent, lost]}
        currency: {type: string, default: EUR}
        labels: {type: array, items: {type: string}, maxItems: 10}
        address: {$ref: "#/components/schemas/Address"}
        parent: {$ref: "#/components/schemas/Order"}
        extra: {type: object, properties: {a: {type: string}}, additionalProperties: false}
        prices: {type: object, additionalProperties: {type: integer}}
    Address:
      allOf:
        - {$ref: "#/components/schemas/Place"}
        - {type: object, properties: {street: {type: string}, zip: {type: string}}}
        - {type: object, properties: {floor: {type: integer}}}
    Place: {type: object, properties: {country: {type: string}, city: {type: string}}}
    Payment:
      type: object
      properties:
        means:
          oneOf: [{$ref: "#/components/schemas/Card"}, {$ref: "#/components/schemas/Bank"}, {$ref: "#/components/schemas/Cash"}]
          discriminator: {propertyName: kind, mapping: {card: "#/components/schemas/Card", bank: "#/components/schemas/Bank", cash: "#/components/schemas/Cash"}}
        also:
          oneOf: [{$ref: "#/components/schemas/Card"}, {$ref: "#/components/schemas/Bank"}, {$ref: "#/components/schemas/Cash"}]
        either:
          anyOf: [{$ref: "#/components/schemas/Card"}, {$ref: "#/components/schemas/Bank"}, {$ref: "#/components/schemas/Cash"}]
    Card: {type: object, properties: {kind: {type: string}, number: {type: string}}, required: [kind]}
    Bank: {type: object, properties: {kind: {type: string}, iban: {type: string}}, required: [kind]}
    Cash: {type: object, properties: {kind: {type: string}, coins: {type: integer}}, required: [kind]}
`
