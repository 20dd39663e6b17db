import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { type TableId, tables } from '../../contract/tables';

const ROOT = join(__dirname, '..', '..');
const OURS = ['lambda', 'service', 'contract', 'core'].map((folder) => `${join(ROOT, folder)}/`);

/** A request to AWS that a program can send. */
export interface Call {
  /** The SDK's package, or the one that calls it: `@aws-sdk/client-sqs`. */
  readonly library: string;
  /** The API's operation: `SendMessage`. */
  readonly operation: string;
  /** Of DynamoDB, the tables that it is about. */
  readonly tables: readonly TableId[];
  /** `lambda/adapters/worker-queue.ts:14` */
  readonly at: string;
}

/** Operations that a call of these functions sends. */
const HELPERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '@aws-lambda-powertools/parameters': { getSecret: 'GetSecretValue', getParameter: 'GetParameter' },
};

const CALLING = /^(?:@aws-sdk|@smithy|@aws-lambda-powertools)\//;
/** What is a site where it is used, what sends only what is one, and what sends nothing. */
const KNOWN =
  /^(?:\w+Command|paginate\w+|getSecret|getParameter|\w+Client|\w+Exception|(?:un)?marshall|Logger|Metrics|MetricUnit|BatchProcessor|EventType|processPartialResponse)$/;

/** What the document client calls otherwise than DynamoDB does. */
const OF_DOCUMENTS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  BatchGet: 'BatchGetItem',
  BatchWrite: 'BatchWriteItem',
  TransactGet: 'TransactGetItems',
  TransactWrite: 'TransactWriteItems',
};

type Member = ts.ObjectLiteralElementLike | ts.ClassElement;
interface Site {
  readonly library: string;
  readonly operation: string;
  readonly node: ts.NewExpression | ts.CallExpression;
}

/** The source of everything that is deployed, with its types. */
export class Sources {
  private readonly program: ts.Program;
  readonly checker: ts.TypeChecker;

  constructor(entries: readonly string[]) {
    const read = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => readFileSync(file, 'utf8'));
    const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT);
    this.program = ts.createProgram(
      entries.map((entry) => join(ROOT, entry)),
      options,
    );
    this.checker = this.program.getTypeChecker();
  }

  /** What the program with this entry can send; each call once. @throws Error where a table cannot be told */
  callsOf(entry: string): Call[] {
    const file = this.program.getSourceFile(join(ROOT, entry));
    if (!file) throw new Error(`${entry} is no entry`);
    const reach = new Reach(this.checker);
    reach.begin(file);
    return reach.calls();
  }

  /** Every place in our sources that sends something, reached or not: `lambda/x.ts:12`. */
  everySite(): string[] {
    return this.program
      .getSourceFiles()
      .filter(isOurs)
      .flatMap((file) => {
        const found: string[] = [];
        const look = (node: ts.Node): void => {
          if (siteOf(node, this.checker)) found.push(placeOf(node));
          ts.forEachChild(node, look);
        };
        look(file);
        return found;
      });
  }

  /**
   * What our sources take of the SDK, or of what calls it for them, and is not known to send nothing by itself: an upload
   * in parts, a client with a method for each operation, say. No site would be seen in it: `Upload in lambda/x.ts`.
   */
  unknownImports(): string[] {
    return this.program
      .getSourceFiles()
      .filter(isOurs)
      .flatMap((file) =>
        file.statements.filter(ts.isImportDeclaration).flatMap(({ importClause, moduleSpecifier }) => {
          const library = (moduleSpecifier as ts.StringLiteral).text;
          if (!CALLING.test(library) || !importClause || importClause.phaseModifier === ts.SyntaxKind.TypeKeyword)
            return [];
          const { name, namedBindings } = importClause;
          const taken =
            namedBindings && ts.isNamedImports(namedBindings)
              ? namedBindings.elements
                  .filter(({ isTypeOnly }) => !isTypeOnly)
                  .map((one) => (one.propertyName ?? one.name).text)
              : [(name ?? namedBindings?.name)?.text ?? library];
          return taken.filter((one) => !KNOWN.test(one)).map((one) => `${one} in ${relative(ROOT, file.fileName)}`);
        }),
      );
  }
}

/**
 * What can be reached from a program's entry: a function when something that is reached refers to it, a method when
 * something refers to it by its declaration, or by its name where the declaration is an interface's.
 */
class Reach {
  private readonly seen = new Set<ts.Node>();
  /** Functions in objects and classes that nobody has asked for yet. */
  private readonly waiting = new Set<Member>();
  private readonly asked = new Set<ts.Node>();
  private readonly askedNames = new Set<string>();
  private readonly sites: Site[] = [];
  /** Calls by the declaration that they call. */
  private readonly callers = new Map<ts.Node, ts.CallExpression[]>();

  constructor(private readonly checker: ts.TypeChecker) {}

  begin(file: ts.SourceFile): void {
    for (const statement of file.statements)
      if (isExported(statement) || ts.isExpressionStatement(statement)) this.visit(statement);
  }

  calls(): Call[] {
    const found = this.sites.map(({ library, operation, node }): Call => {
      const isTable = library.endsWith('dynamodb') && operation !== 'ListTables';
      return { library, operation, tables: isTable ? [...this.tablesOf(node)].sort() : [], at: placeOf(node) };
    });
    return [...new Map(found.map((call) => [JSON.stringify(call), call])).values()];
  }

  private visit(node: ts.Node): void {
    if (this.seen.has(node)) return;
    this.seen.add(node);
    this.walk(node);
  }

  private walk(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isBindingElement(node)) {
      // Its name is no use of it.
      if (!ts.isIdentifier(node.name)) this.walk(node.name);
      if (node.initializer) this.walk(node.initializer);
      return;
    }
    // What has a name is walked when somebody refers to it.
    if (ts.isFunctionDeclaration(node) && !this.seen.has(node)) return;
    const site = siteOf(node, this.checker);
    if (site) this.sites.push(site);
    if (ts.isCallExpression(node)) this.noteCall(node);
    if (ts.isObjectLiteralExpression(node)) {
      for (const member of node.properties) this.offer(member, node);
      return;
    }
    if (ts.isClassLike(node)) {
      for (const member of node.members)
        if (ts.isMethodDeclaration(member) || ts.isAccessor(member)) this.await(member);
        else ts.forEachChild(member, (child) => this.walk(child));
      for (const clause of node.heritageClauses ?? []) this.walk(clause);
      return;
    }
    if (ts.isPropertyAccessExpression(node)) this.ask(node.name);
    else if (ts.isIdentifier(node)) this.refer(node);
    ts.forEachChild(node, (child) => this.walk(child));
  }

  private offer(member: ts.ObjectLiteralElementLike, literal: ts.ObjectLiteralExpression): void {
    if (ts.isSpreadAssignment(member)) {
      this.walk(member.expression);
      return;
    }
    if (ts.isComputedPropertyName(member.name)) this.walk(member.name);
    if (!this.isFunction(member)) {
      if (ts.isShorthandPropertyAssignment(member)) this.refer(member.name);
      else ts.forEachChild(member, (child) => (child === member.name ? undefined : this.walk(child)));
      return;
    }
    const expected = this.checker.getContextualType(literal)?.getProperty(member.name.getText());
    // What a library is given, it may call.
    if (expected?.declarations?.every((declaration) => !isOurs(declaration.getSourceFile()))) this.open(member);
    else this.await(member);
  }

  private isFunction(member: ts.ObjectLiteralElementLike): boolean {
    if (ts.isMethodDeclaration(member) || ts.isAccessor(member)) return true;
    return this.checker.getTypeAtLocation(member.name ?? member).getCallSignatures().length > 0;
  }

  private await(member: Member): void {
    const name = member.name?.getText() ?? '';
    if (this.asked.has(member) || this.askedNames.has(name)) this.open(member);
    else this.waiting.add(member);
  }

  private open(member: Member): void {
    this.waiting.delete(member);
    if (this.seen.has(member)) return;
    this.seen.add(member);
    if (ts.isShorthandPropertyAssignment(member)) {
      const symbol = this.checker.getShorthandAssignmentValueSymbol(member);
      if (symbol) this.enter(symbol);
    } else ts.forEachChild(member, (child) => (child === member.name ? undefined : this.walk(child)));
  }

  private ask(name: ts.Node): void {
    const declarations = this.checker.getSymbolAtLocation(name)?.declarations;
    if (declarations) this.askDeclared(declarations, name.getText());
    else this.askName(name.getText());
  }

  private askDeclared(declarations: readonly ts.Declaration[], name: string): void {
    for (const declaration of declarations.filter((one) => isOurs(one.getSourceFile()))) {
      this.asked.add(declaration);
      if (this.waiting.has(declaration as unknown as Member)) this.open(declaration as unknown as Member);
      if (ts.isTypeElement(declaration) || ts.isParameter(declaration)) this.askName(name);
    }
  }

  /** A use of `keep` after `const { rows, save: keep } = store`, or of such a parameter. */
  private askBound(element: ts.BindingElement): void {
    const from = this.checker.getTypeAtLocation(element.parent);
    const name = (element.propertyName ?? element.name).getText();
    const declarations = from.getProperty(name)?.declarations;
    if (declarations) this.askDeclared(declarations, name);
  }

  private askName(name: string): void {
    this.askedNames.add(name);
    for (const member of [...this.waiting]) if (member.name?.getText() === name) this.open(member);
  }

  private refer(identifier: ts.Identifier): void {
    const symbol = this.checker.getSymbolAtLocation(identifier);
    if (symbol) this.enter(symbol);
  }

  private enter(symbol: ts.Symbol): void {
    for (const declaration of aliased(symbol, this.checker).declarations ?? [])
      if (ts.isBindingElement(declaration) && isOurs(declaration.getSourceFile())) this.askBound(declaration);
      else if (
        isOurs(declaration.getSourceFile()) &&
        (ts.isFunctionDeclaration(declaration) || ts.isVariableDeclaration(declaration) || ts.isClassLike(declaration))
      )
        this.visit(declaration);
  }

  private noteCall(call: ts.CallExpression): void {
    const declaration = this.checker.getResolvedSignature(call)?.declaration;
    if (!declaration || !isOurs(declaration.getSourceFile())) return;
    this.callers.set(declaration, [...(this.callers.get(declaration) ?? []), call]);
  }

  /** Which tables a command, or a paginator, is given. */
  private tablesOf(node: ts.NewExpression | ts.CallExpression): Set<TableId> {
    const input = ts.isNewExpression(node) ? node.arguments?.[0] : node.arguments[1];
    const found = input && this.tablesIn(input, new Set());
    if (!found?.size) throw new Error(`${placeOf(node)}: which table this is about cannot be told`);
    return found;
  }

  private tablesIn(input: ts.Expression, trail: Set<ts.Node>): Set<TableId> {
    const literal = bare(input);
    if (ts.isObjectLiteralExpression(literal)) {
      for (const member of literal.properties) {
        if (ts.isSpreadAssignment(member)) continue;
        const name = member.name.getText();
        if (name === 'TableName') return this.named(valueOf(member, this.checker), trail);
        if (name === 'RequestItems' && ts.isPropertyAssignment(member)) {
          const items = bare(member.initializer);
          if (!ts.isObjectLiteralExpression(items)) return new Set();
          const keys = items.properties
            .map(({ name: key }) => key)
            .filter((key) => key && ts.isComputedPropertyName(key));
          return union(keys.map((key) => this.named((key as ts.ComputedPropertyName).expression, trail)));
        }
      }
      return union(
        literal.properties.filter(ts.isSpreadAssignment).map(({ expression }) => this.tablesIn(expression, trail)),
      );
    }
    return this.follow(literal, trail, (value) => this.tablesIn(value, trail));
  }

  /** Which tables an expression for a table's name names. */
  private named(expression: ts.Expression | undefined, trail: Set<ts.Node>): Set<TableId> {
    if (!expression) return new Set();
    const value = bare(expression);
    if (ts.isConditionalExpression(value))
      return union([this.named(value.whenTrue, trail), this.named(value.whenFalse, trail)]);
    if (ts.isCallExpression(value) && value.expression.getText() === 'tableName')
      return this.idsOf(value.arguments[1], trail);
    return this.follow(value, trail, (from) => this.named(from, trail));
  }

  /** The ids that an expression may be: by what it is made of, else by its type where that is not every table's id. */
  private idsOf(expression: ts.Expression | undefined, trail: Set<ts.Node>): Set<TableId> {
    if (!expression) return new Set();
    const value = bare(expression);
    const type = this.checker.getTypeAtLocation(value);
    const ids = (type.isUnion() ? type.types : [type]).flatMap((part) => (part.isStringLiteral() ? [part.value] : []));
    const known = ids.filter((id): id is TableId => id in tables);
    if (known.length > 0 && known.length < Object.keys(tables).length) return new Set(known);
    return this.follow(value, trail, (from) => this.idsOf(from, trail));
  }

  /** What a name stands for: its initial value, or what callers give for a parameter. */
  private follow(
    value: ts.Expression,
    trail: Set<ts.Node>,
    next: (value: ts.Expression) => Set<TableId>,
  ): Set<TableId> {
    if (trail.has(value)) return new Set();
    trail.add(value);
    const name = ts.isPropertyAccessExpression(value) ? value.name : value;
    const symbol = this.checker.getSymbolAtLocation(name);
    const found = (symbol ? (aliased(symbol, this.checker).declarations ?? []) : []).map((declaration) => {
      if (ts.isVariableDeclaration(declaration) && declaration.initializer) return next(declaration.initializer);
      if (ts.isPropertyAssignment(declaration)) return next(declaration.initializer);
      if (ts.isShorthandPropertyAssignment(declaration)) {
        const shorthand = valueOf(declaration, this.checker);
        return shorthand ? next(shorthand) : new Set<TableId>();
      }
      if (ts.isBindingElement(declaration)) return this.bound(declaration, trail, next);
      return ts.isParameter(declaration) ? this.given(declaration, next) : new Set<TableId>();
    });
    trail.delete(value);
    return union(found);
  }

  /** What `table` is in `({ table, row }: Walk) => …`, by what callers give. */
  private bound(
    element: ts.BindingElement,
    trail: Set<ts.Node>,
    next: (value: ts.Expression) => Set<TableId>,
  ): Set<TableId> {
    const parameter = element.parent.parent;
    if (!ts.isParameter(parameter)) return new Set();
    const name = (element.propertyName ?? element.name).getText();
    const inObject = (given: ts.Expression): Set<TableId> => {
      const value = bare(given);
      if (!ts.isObjectLiteralExpression(value)) return this.follow(value, trail, inObject);
      const member = value.properties.find((one) => one.name?.getText() === name);
      const own = member && valueOf(member, this.checker);
      if (own) return next(own);
      return union(value.properties.filter(ts.isSpreadAssignment).map(({ expression }) => inObject(expression)));
    };
    return this.given(parameter, inObject);
  }

  private given(parameter: ts.ParameterDeclaration, next: (value: ts.Expression) => Set<TableId>): Set<TableId> {
    const at = parameter.parent.parameters.indexOf(parameter);
    const calls = this.callers.get(parameter.parent) ?? [];
    return union(calls.map(({ arguments: given }) => (given[at] ? next(given[at]) : new Set<TableId>())));
  }
}

/** The command that a node makes, or the helper that it calls. */
function siteOf(node: ts.Node, checker: ts.TypeChecker): Site | undefined {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return undefined;
  const symbol = checker.getSymbolAtLocation(node.expression);
  if (!symbol) return undefined;
  const { name, declarations: [declaration] = [] } = aliased(symbol, checker);
  const [, library] = /node_modules\/(@[^/]+\/[^/]+)\//.exec(declaration?.getSourceFile().fileName ?? '') ?? [];
  if (library === undefined) return undefined;
  const helper = HELPERS[library]?.[name];
  if (helper !== undefined) return { library, operation: helper, node };
  if (!library.startsWith('@aws-sdk/')) return undefined;
  const [, paginated] = ts.isCallExpression(node) ? (/^paginate(\w+)$/.exec(name) ?? []) : [];
  const [, commanded] = ts.isNewExpression(node) ? (/^(\w+)Command$/.exec(name) ?? []) : [];
  const operation = paginated ?? commanded;
  if (operation === undefined) return undefined;
  const isDocument = library === '@aws-sdk/lib-dynamodb';
  return { library, operation: isDocument ? (OF_DOCUMENTS[operation] ?? operation) : operation, node };
}

const aliased = (symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** Without what says nothing of the value: parentheses, assertions. */
function bare(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isNonNullExpression(expression)
    ? bare(expression.expression)
    : expression;
}

function valueOf(member: ts.ObjectLiteralElementLike, checker: ts.TypeChecker): ts.Expression | undefined {
  if (ts.isPropertyAssignment(member)) return member.initializer;
  if (!ts.isShorthandPropertyAssignment(member)) return undefined;
  const declaration = checker.getShorthandAssignmentValueSymbol(member)?.declarations?.[0];
  // A parameter has no value of its own: its name, where it stands in the function, is followed to the callers.
  if (declaration && ts.isVariableDeclaration(declaration)) return declaration.initializer;
  return declaration && ts.isParameter(declaration) && ts.isIdentifier(declaration.name) ? declaration.name : undefined;
}

const union = (sets: readonly ReadonlySet<TableId>[]): Set<TableId> => new Set(sets.flatMap((set) => [...set]));
const isOurs = ({ fileName }: ts.SourceFile): boolean => OURS.some((folder) => fileName.startsWith(folder));
const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) &&
  !ts.isInterfaceDeclaration(node) &&
  !ts.isTypeAliasDeclaration(node);

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${relative(ROOT, file.fileName)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
